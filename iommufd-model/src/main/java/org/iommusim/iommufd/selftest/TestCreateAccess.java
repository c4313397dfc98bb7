package org.iommusim.iommufd.selftest;

import org.iommusim.hw.driver.Errno;
import org.iommusim.iommufd.abi.StructWriter;
import org.iommusim.iommufd.access.AccessIoas;
import org.iommusim.iommufd.access.AccessLife;
import org.iommusim.iommufd.access.IommufdAccess;
import org.iommusim.iommufd.file.FileTable;
import org.iommusim.iommufd.file.KernelFile;
import org.iommusim.iommufd.file.SystemCall;
import org.iommusim.iommufd.ioctl.IoctlFrame;
import org.iommusim.iommufd.ioctl.Ucmd;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.program.Undo;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.RefCell;

/**
 * IOMMU_TEST_OP_CREATE_ACCESS ({@code iommufd_test_create_access}): an access that user space drives by a file. Errors in
 * this order: EOPNOTSUPP (flags), ENOMEM (no descriptor left), those of attaching to the IOAS, EFAULT.
 */
final class TestCreateAccess extends IoctlFrame {
    /** {@code MOCK_FLAGS_ACCESS_CREATE_NEEDS_PIN_PAGES}. */
    private static final int NEEDS_PIN_PAGES = 1;

    private static final String NAME = "iommufd_test_create_access";
    private static final Footprint FILE = Footprint.of(KernelFile.REFERENCES, SelftestAccess.STACCESS);
    private static final Footprint FILES = Footprint.of(FileTable.FILES);
    private static final Program<TestCreateAccess> PROGRAM = program();

    private final RefCell<SelftestAccess> staccess = ref();
    private final RefCell<IommufdAccess> access = ref();
    private final IntCell fd = count();

    private TestCreateAccess(Ucmd ucmd) {
        super(ucmd);
    }

    private static Program<TestCreateAccess> program() {
        Program.Builder<TestCreateAccess> b = Program.named(NAME);
        b.check("flags", f -> (f.ucmd.u32("flags") & ~NEEDS_PIN_PAGES) == 0, Errno.EOPNOTSUPP);
        b.take(
                "iommufd_test_alloc_access",
                HostCost.ALLOCATE,
                FILE,
                TestCreateAccess::makeFile,
                Undo.onFailureCall("fput", f -> SystemCall.close(f.staccess.require())));
        b.take(
                "get_unused_fd_flags",
                FILES,
                TestCreateAccess::reserveFd,
                Undo.onFailure("put_unused_fd", FILES, f -> f.ucmd.files().unreserve(f.fd.get())));
        b.invoke("iommufd_access_create", f -> AccessLife.create(f.ctx, f.staccess.require(), f.access));
        b.take(
                "created",
                HostCost.FREE,
                Footprint.LOCAL,
                f -> 0,
                Undo.onFailureCall("iommufd_access_destroy", f -> AccessLife.destroy(f.access.require())));
        b.invoke("iommufd_access_attach", f -> AccessIoas.attach(f.access.require(), f.ucmd.id("id")));
        respond(b, NAME);
        b.step(
                "staccess->access",
                SelftestAccess.ITEMS,
                f -> f.staccess.require().access().set(f.access.require()));
        return b.step("fd_install", FILES, f -> f.ucmd.files().install(f.fd.get(), f.staccess.require()))
                .build();
    }

    static Call<?> call(Ucmd ucmd) {
        return new Call<>(PROGRAM, new TestCreateAccess(ucmd));
    }

    private int makeFile() {
        staccess.set(new SelftestAccess(ctx.kernel(), (ucmd.u32("flags") & NEEDS_PIN_PAGES) != 0));
        return 0;
    }

    private int reserveFd() {
        fd.set(ucmd.files().reserve());
        return fd.get() < 0 ? Errno.ENOMEM : 0;
    }

    @Override
    protected void answer(StructWriter out) {
        out.set("out_access_fd", fd.get());
    }
}
