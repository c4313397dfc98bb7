package org.iommusim.iommufd.selftest;

import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.driver.IommuDomain;
import org.iommusim.hw.driver.UserData;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.RefCell;
import org.iommusim.sim.world.World;
import org.jspecify.annotations.Nullable;

/** {@code __mock_domain_alloc_nested}: a nested domain whose pretended IOTLB is filled with user space's word. */
final class MockNestedAlloc extends Frame {
    private static final Program<MockNestedAlloc> ALLOC = Program.<MockNestedAlloc>named("__mock_domain_alloc_nested")
            .check("data type", f -> f.data.type() == MockData.HWPT, Errno.EOPNOTSUPP)
            .attempt("iommu_copy_struct_from_user", HostCost.USER_COPY, MockData.USER, MockNestedAlloc::copy)
            .step("kzalloc", HostCost.ALLOCATE, Footprint.of(MockNestedDomain.IOTLB), MockNestedAlloc::make)
            .build();

    private final MockPagingDomain parent;
    private final @Nullable MockViommu viommu;
    private final UserData data;
    private final RefCell<IommuDomain> result;
    private final IntCell iotlb = count();

    private MockNestedAlloc(
            World world,
            MockPagingDomain parent,
            @Nullable MockViommu viommu,
            UserData data,
            RefCell<IommuDomain> result) {
        super(world);
        this.parent = parent;
        this.viommu = viommu;
        this.data = data;
        this.result = result;
    }

    /**
     * Makes a nested domain. Errors: EOPNOTSUPP (data type), EINVAL (length), EFAULT.
     *
     * @param viommu what it is made on; {@code null} if it is made on a HWPT
     */
    static Call<?> call(
            World world,
            MockPagingDomain parent,
            @Nullable MockViommu viommu,
            UserData data,
            RefCell<IommuDomain> result) {
        return new Call<>(ALLOC, new MockNestedAlloc(world, parent, viommu, data, result));
    }

    private int copy() {
        byte[] config = MockData.hwpt();
        int error = MockData.copyHwpt(data, config);
        iotlb.set(MockData.u32(config, 0));
        return error;
    }

    private void make() {
        result.set(new MockNestedDomain(world(), parent, viommu, iotlb.get()));
    }
}
