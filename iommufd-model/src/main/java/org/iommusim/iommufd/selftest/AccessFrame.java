package org.iommusim.iommufd.selftest;

import java.util.function.Function;
import org.iommusim.hw.driver.Errno;
import org.iommusim.iommufd.file.SystemCall;
import org.iommusim.iommufd.ioctl.IoctlFrame;
import org.iommusim.iommufd.ioctl.Ucmd;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.program.Undo;
import org.iommusim.sim.world.LongCell;
import org.iommusim.sim.world.RefCell;

/** Frame of an operation on a file of {@link SelftestAccess}, whose descriptor is the field {@code id}. */
abstract class AccessFrame extends IoctlFrame {
    /** More at once is not tried. */
    static final long LENGTH_MAX = 16L << 20;
    /** {@code MOCK_FLAGS_ACCESS_SYZ}: the address is a number of an area and an offset in it. */
    static final int SYZ = 1 << 16;

    private final RefCell<SelftestAccess> staccess = ref();

    AccessFrame(Ucmd ucmd) {
        super(ucmd);
    }

    final SelftestAccess staccess() {
        return staccess.require();
    }

    /** {@code iommufd_access_get}, and the put at the end. Error: EBADFD (no such descriptor, or of another kind of file). */
    static <F extends AccessFrame> void getAccess(Program.Builder<F> program) {
        program.take(
                "iommufd_access_get",
                HostCost.ATOMIC,
                SystemCall.FILE,
                AccessFrame::find,
                Undo.alwaysCall("fput", f -> SystemCall.close(f.staccess())));
    }

    /** Adds the conversion of the field {@code iova}, if the flag {@link #SYZ} asks for it. */
    static <F extends AccessFrame> void resolveIova(Program.Builder<F> program, Function<F, LongCell> into) {
        program.step("iova", HostCost.FREE, Footprint.LOCAL, f -> into.apply(f).set(f.ucmd.u64("iova")));
        program.when(
                "MOCK_FLAGS_ACCESS_SYZ",
                f -> (f.ucmd.u32("flags") & SYZ) != 0,
                b -> b.invoke(
                        "iommufd_test_syz_conv_iova",
                        f -> SyzIova.call(f.staccess().access().require(), f.ucmd.u64("iova"), into.apply(f))));
    }

    private int find() {
        if (!(ucmd.files().file(ucmd.u32("id")) instanceof SelftestAccess found)) {
            return Errno.EBADFD;
        }
        found.get();
        staccess.set(found);
        return 0;
    }
}
