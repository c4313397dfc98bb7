package org.iommusim.iommufd.selftest;

import org.iommusim.hw.driver.Errno;
import org.iommusim.iommufd.ioctl.Ucmd;
import org.iommusim.iommufd.mm.Process;
import org.iommusim.iommufd.pt.HwPagetable;
import org.iommusim.iommufd.pt.HwptPaging;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.world.RefCell;

/**
 * IOMMU_TEST_OP_MD_CHECK_MAP ({@code iommufd_test_md_check_pa}): whether a HWPT maps addresses to the pages that user space
 * sees elsewhere. Errors in this order: ENOENT, EINVAL (alignment to the smallest page, wrap), then page by page EFAULT,
 * EINVAL (it does not).
 */
final class TestCheckMap extends SelftestFrame {
    private static final Program<TestCheckMap> PROGRAM = program();

    private final RefCell<HwptPaging> hwpt = ref();

    private TestCheckMap(Ucmd ucmd) {
        super(ucmd);
    }

    private static Program<TestCheckMap> program() {
        Program.Builder<TestCheckMap> b = Program.named("iommufd_test_md_check_pa");
        getMock(b, f -> f.hwpt);
        b.check("alignment", DOMAIN, TestCheckMap::aligned, Errno.EINVAL);
        b.check("uptr does not wrap", f -> !wraps(f.ucmd.u64("uptr"), f.ucmd.u64("length")), Errno.EINVAL);
        return b.attempt(
                        "each page: get_user_pages_fast, iova_to_phys",
                        HostCost.LOCAL,
                        Process.MM.and(MockTable.ITEMS, HwPagetable.DOMAIN),
                        TestCheckMap::compare)
                .build();
    }

    static Call<?> call(Ucmd ucmd) {
        return new Call<>(PROGRAM, new TestCheckMap(ucmd));
    }

    /** {@code check_add_overflow}. */
    static boolean wraps(long start, long length) {
        return Long.compareUnsigned(start + length, start) < 0;
    }

    private long pageSize() {
        return Long.lowestOneBit(mock(hwpt).pageSizes());
    }

    private boolean aligned() {
        return ((ucmd.u64("iova") | ucmd.u64("length") | ucmd.u64("uptr")) & pageSize() - 1) == 0;
    }

    private int compare() {
        long length = ucmd.u64("length");
        for (long done = 0; done != length; done += pageSize()) {
            long expected = ucmd.process().translate(ucmd.u64("uptr") + done);
            if (expected < 0) {
                return Errno.EFAULT;
            }
            if (mock(hwpt).iovaToPhys(ucmd.u64("iova") + done) != expected) {
                return Errno.EINVAL;
            }
        }
        return 0;
    }
}
