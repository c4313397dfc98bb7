package org.iommusim.iommufd.selftest;

import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.driver.IommuDomain;
import org.iommusim.hw.driver.IommuDriver;
import org.iommusim.hw.driver.UserData;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.RefCell;

/**
 * {@code mock_domain_alloc_paging_flags}. Errors in this order: EOPNOTSUPP (flags, dirty tracking on a device without it, the
 * data's type), EINVAL (its length), EFAULT, EOPNOTSUPP (the kind of page table).
 */
final class MockPagingAlloc extends Frame {
    private static final int FLAGS =
            IommuDriver.ALLOC_NEST_PARENT | IommuDriver.ALLOC_DIRTY_TRACKING | IommuDriver.ALLOC_PASID;

    private static final Program<MockPagingAlloc> ALLOC = Program.<MockPagingAlloc>named(
                    "mock_domain_alloc_paging_flags")
            .check("flags", f -> (f.flags & ~FLAGS) == 0, Errno.EOPNOTSUPP)
            .check("dirty tracking", f -> !(f.dirty() && f.master.noDirty()), Errno.EOPNOTSUPP)
            .when(
                    "user data",
                    f -> f.data.length() != 0,
                    b -> b.check(
                                    "data type",
                                    f -> f.data.type() == MockData.HWPT || f.data.type() == 0,
                                    Errno.EOPNOTSUPP)
                            .attempt(
                                    "iommu_copy_struct_from_user",
                                    HostCost.USER_COPY,
                                    MockData.USER,
                                    MockPagingAlloc::copy))
            .check(
                    "pagetable_type",
                    f -> f.tableType.get() == MockPagingDomain.DEFAULT || f.tableType.get() == MockPagingDomain.HUGE,
                    Errno.EOPNOTSUPP)
            .step("pt_iommu_amdv1_mock_init", HostCost.ALLOCATE, Footprint.LOCAL, MockPagingAlloc::make)
            .build();

    private final MockMaster master;
    private final int flags;
    private final UserData data;
    private final RefCell<IommuDomain> result;
    private final IntCell tableType = count();

    private MockPagingAlloc(MockMaster master, int flags, UserData data, RefCell<IommuDomain> result) {
        super(master.driver().world());
        this.master = master;
        this.flags = flags;
        this.data = data;
        this.result = result;
    }

    static Call<?> call(MockMaster master, int flags, UserData data, RefCell<IommuDomain> result) {
        return new Call<>(ALLOC, new MockPagingAlloc(master, flags, data, result));
    }

    private boolean dirty() {
        return (flags & IommuDriver.ALLOC_DIRTY_TRACKING) != 0;
    }

    private int copy() {
        byte[] config = MockData.hwpt();
        int error = MockData.copyHwpt(data, config);
        tableType.set(MockData.u32(config, 4));
        return error;
    }

    private void make() {
        boolean parent = (flags & IommuDriver.ALLOC_NEST_PARENT) != 0;
        result.set(new MockPagingDomain(world(), tableType.get(), parent, dirty()));
    }
}
