package org.iommusim.iommufd.selftest;

import java.util.function.Function;
import org.iommusim.hw.driver.Errno;
import org.iommusim.iommufd.device.Idev;
import org.iommusim.iommufd.ioctl.IoctlFrame;
import org.iommusim.iommufd.ioctl.Ucmd;
import org.iommusim.iommufd.object.ObjectType;
import org.iommusim.iommufd.pt.HwPagetable;
import org.iommusim.iommufd.pt.HwptPaging;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.world.RefCell;

/** Frame of an operation of IOMMU_TEST_CMD, with the look-ups that several of them share. */
abstract class SelftestFrame extends IoctlFrame {
    /** What {@link #mock} touches. */
    static final Footprint DOMAIN = Footprint.of(HwPagetable.DOMAIN);

    SelftestFrame(Ucmd ucmd) {
        super(ucmd);
    }

    /** {@code iommufd_test_get_selftest_obj} of the field {@code id}. Error: ENOENT. */
    static <F extends SelftestFrame> void getStdev(
            Program.Builder<F> program, Function<F, RefCell<SelftestObject>> into) {
        get(program, "sobj", f -> f.ucmd.id("id"), ObjectType.SELFTEST, SelftestObject.class, into, Errno.ENOENT);
    }

    /** {@code iommufd_get_device}. Error: ENOENT. */
    static <F extends SelftestFrame> void getDevice(
            Program.Builder<F> program, String field, Function<F, RefCell<Idev>> into) {
        get(program, "idev", f -> f.ucmd.id(field), ObjectType.DEVICE, Idev.class, into, Errno.ENOENT);
    }

    /** {@code get_md_pagetable} of the field {@code id}. Errors: ENOENT, EINVAL (another driver's). */
    static <F extends SelftestFrame> void getMock(Program.Builder<F> program, Function<F, RefCell<HwptPaging>> into) {
        get(program, "hwpt", f -> f.ucmd.id("id"), ObjectType.HWPT_PAGING, HwptPaging.class, into, Errno.ENOENT);
        program.check(
                "the mock's own",
                DOMAIN,
                f -> into.apply(f).require().paging() instanceof MockPagingDomain,
                Errno.EINVAL);
    }

    /** The domain behind what {@link #getMock} found. */
    static MockPagingDomain mock(RefCell<HwptPaging> hwpt) {
        return (MockPagingDomain) hwpt.require().paging();
    }
}
