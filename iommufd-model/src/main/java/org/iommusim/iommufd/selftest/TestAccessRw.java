package org.iommusim.iommufd.selftest;

import org.iommusim.hw.driver.Errno;
import org.iommusim.iommufd.access.AccessRw;
import org.iommusim.iommufd.ioctl.Ucmd;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.world.LongCell;
import org.iommusim.sim.world.RefCell;

/**
 * IOMMU_TEST_OP_ACCESS_RW ({@code iommufd_test_access_rw}): copies between mapped memory and the caller's. Errors in this
 * order: ENOMEM (more than 16 MiB), EOPNOTSUPP (flags), EBADFD, EFAULT (what is to be written cannot be read), those of the
 * access, EFAULT.
 */
final class TestAccessRw extends AccessFrame {
    /** {@code MOCK_ACCESS_RW_WRITE}. */
    private static final int WRITE = 1;
    /** {@code MOCK_ACCESS_RW_SLOW_PATH}: not by the caller's own mappings. */
    private static final int SLOW_PATH = 1 << 2;

    private static final Program<TestAccessRw> PROGRAM = program();

    private final LongCell iova = num();
    private final RefCell<byte[]> buffer = ref();

    private TestAccessRw(Ucmd ucmd) {
        super(ucmd);
    }

    private static Program<TestAccessRw> program() {
        Program.Builder<TestAccessRw> b = Program.named("iommufd_test_access_rw");
        b.check("length", f -> Long.compareUnsigned(f.ucmd.u64("length"), LENGTH_MAX) <= 0, Errno.ENOMEM);
        b.check("flags", f -> (f.flags() & ~(WRITE | SLOW_PATH | SYZ)) == 0, Errno.EOPNOTSUPP);
        getAccess(b);
        b.step("kvzalloc", HostCost.ALLOCATE, Footprint.LOCAL, f -> f.buffer.set(new byte[(int) f.ucmd.u64("length")]));
        b.when(
                "write",
                TestAccessRw::write,
                c -> c.attempt(
                        "copy_from_user",
                        HostCost.USER_COPY,
                        MockData.USER,
                        f -> f.ucmd.memory().copyFromUser(f.ucmd.u64("uptr"), f.buffer.require())));
        resolveIova(b, f -> f.iova);
        b.invoke("iommufd_access_rw", TestAccessRw::transfer);
        return b.when(
                        "read",
                        f -> !f.write(),
                        c -> c.attempt(
                                "copy_to_user",
                                HostCost.USER_COPY,
                                MockData.USER,
                                f -> f.ucmd.memory().copyToUser(f.ucmd.u64("uptr"), f.buffer.require())))
                .build();
    }

    static Call<?> call(Ucmd ucmd) {
        return new Call<>(PROGRAM, new TestAccessRw(ucmd));
    }

    private int flags() {
        return ucmd.u32("flags");
    }

    private boolean write() {
        return (flags() & WRITE) != 0;
    }

    private Call<?> transfer() {
        return AccessRw.call(
                staccess().access().require(),
                ucmd.process(),
                iova.get(),
                buffer.require(),
                write(),
                (flags() & SLOW_PATH) != 0);
    }
}
