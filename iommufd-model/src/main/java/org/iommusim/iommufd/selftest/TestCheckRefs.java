package org.iommusim.iommufd.selftest;

import org.iommusim.hw.driver.Errno;
import org.iommusim.iommufd.ioctl.IoctlFrame;
import org.iommusim.iommufd.ioctl.Ucmd;
import org.iommusim.iommufd.mm.Backing;
import org.iommusim.iommufd.mm.Process;
import org.iommusim.sim.memory.PhysicalMemory;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;

/**
 * IOMMU_TEST_OP_MD_CHECK_REFS ({@code iommufd_test_md_check_refs}): whether each page of user memory is pinned a number of
 * times; huge pages are not looked at. Errors in this order: EINVAL (alignment, wrap), then page by page EFAULT, EIO.
 */
final class TestCheckRefs extends IoctlFrame {
    private static final long PAGE = PhysicalMemory.PAGE_BYTES;

    private static final Program<TestCheckRefs> PROGRAM = Program.<TestCheckRefs>named("iommufd_test_md_check_refs")
            .check("alignment", f -> ((f.ucmd.u64("uptr") | f.ucmd.u64("length")) & PAGE - 1) == 0, Errno.EINVAL)
            .check("does not wrap", f -> !TestCheckMap.wraps(f.ucmd.u64("uptr"), f.ucmd.u64("length")), Errno.EINVAL)
            .attempt("each page: page_ref_count", HostCost.LOCAL, Process.MM, TestCheckRefs::countPins)
            .build();

    private TestCheckRefs(Ucmd ucmd) {
        super(ucmd);
    }

    static Call<?> call(Ucmd ucmd) {
        return new Call<>(PROGRAM, new TestCheckRefs(ucmd));
    }

    private int countPins() {
        Process process = ucmd.process();
        long length = ucmd.u64("length");
        for (long done = 0; done != length; done += PAGE) {
            long va = ucmd.u64("uptr") + done;
            long page = process.translate(va);
            Backing backing = process.backing(va);
            if (page < 0 || backing == null) {
                return Errno.EFAULT;
            }
            boolean compound = backing.unitBytes() > PAGE;
            if (!compound && ctx.kernel().memory().pins(page) != ucmd.id("refs")) {
                return Errno.EIO;
            }
        }
        return 0;
    }
}
