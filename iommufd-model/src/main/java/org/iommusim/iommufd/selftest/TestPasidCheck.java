package org.iommusim.iommufd.selftest;

import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.driver.IommuDomain;
import org.iommusim.iommufd.device.HostDevice;
import org.iommusim.iommufd.ioctl.Ucmd;
import org.iommusim.iommufd.object.IommufdObject;
import org.iommusim.iommufd.object.ObjectType;
import org.iommusim.iommufd.pt.HwPagetable;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.world.RefCell;

/**
 * IOMMU_TEST_OP_PASID_CHECK_HWPT ({@code iommufd_test_pasid_check_hwpt}): whether a PASID is attached to a HWPT; id 0 stands
 * for nothing. Errors in this order: ENOENT (stdev, hwpt), EINVAL (no HWPT, or it is not).
 */
final class TestPasidCheck extends SelftestFrame {
    private static final Program<TestPasidCheck> PROGRAM = program();

    private final RefCell<SelftestObject> sobj = ref();
    private final RefCell<IommufdObject> hwpt = ref();
    private final RefCell<IommuDomain> attached = ref();

    private TestPasidCheck(Ucmd ucmd) {
        super(ucmd);
    }

    private static Program<TestPasidCheck> program() {
        Program.Builder<TestPasidCheck> b = Program.named("iommufd_test_pasid_check_hwpt");
        getStdev(b, f -> f.sobj);
        b.step(
                "iommu_attach_handle_get",
                HostCost.ATOMIC,
                HostDevice.ATTACHED.and(SelftestObject.IDEV),
                f -> f.attached.set(f.device().attachedDomain(f.ucmd.u32("pasid"))));
        b.when(
                "nothing is expected",
                f -> f.ucmd.id("hwpt_id") == 0,
                c -> c.check("nothing is attached", f -> f.attached.get() == null, Errno.EINVAL)
                        .succeed("so it is"));
        get(b, "hwpt", f -> f.ucmd.id("hwpt_id"), ObjectType.ANY, IommufdObject.class, f -> f.hwpt, Errno.ENOENT);
        b.check("type", f -> f.hwpt.get() instanceof HwPagetable, Errno.EINVAL);
        return b.check(
                        "its domain is attached",
                        Footprint.of(HwPagetable.DOMAIN),
                        f -> f.attached.get()
                                == ((HwPagetable) f.hwpt.require()).domain().get(),
                        Errno.EINVAL)
                .build();
    }

    static Call<?> call(Ucmd ucmd) {
        return new Call<>(PROGRAM, new TestPasidCheck(ucmd));
    }

    private HostDevice device() {
        return sobj.require().device().require();
    }
}
