package org.iommusim.iommufd.selftest;

import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.driver.IommuFault;
import org.iommusim.hw.driver.ViommuCore;
import org.iommusim.iommufd.device.HostDevice;
import org.iommusim.iommufd.device.Idev;
import org.iommusim.iommufd.ioctl.Ucmd;
import org.iommusim.iommufd.object.IommufdObject;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.world.RefCell;

/** What makes a mock device do something: IOMMU_TEST_OP_TRIGGER_IOPF and IOMMU_TEST_OP_TRIGGER_VEVENT. */
final class TestTrigger extends SelftestFrame {
    private static final int EVENT_BYTES = 4;
    private static final Footprint DEV = Footprint.of(HostDevice.DEV_IOMMU, IommufdObject.LIFE);
    private static final Program<TestTrigger> IOPF = iopf();
    private static final Program<TestTrigger> VEVENT = vevent();

    private final RefCell<Idev> idev = ref();
    private final RefCell<MockMaster> mdev = ref();

    private TestTrigger(Ucmd ucmd) {
        super(ucmd);
    }

    /** {@code iommufd_test_trigger_iopf}: whether anybody takes the fault does not matter. */
    private static Program<TestTrigger> iopf() {
        Program.Builder<TestTrigger> b = Program.named("iommufd_test_trigger_iopf");
        getDevice(b, "dev_id", f -> f.idev);
        return b.invokeIgnoringError("iommu_report_device_fault", TestTrigger::report)
                .build();
    }

    /** {@code iommufd_test_trigger_vevent}. */
    private static Program<TestTrigger> vevent() {
        Program.Builder<TestTrigger> b = Program.named("iommufd_test_trigger_vevent");
        getDevice(b, "dev_id", f -> f.idev);
        return b.step(
                        "to_mock_dev",
                        HostCost.FREE,
                        DEV,
                        f -> f.mdev.set((MockMaster) f.idev.require().dev().master()))
                .lockShared("viommu_rwsem", f -> f.mdev.require().viommuRwsem())
                .check(
                        "mdev->viommu, vdev_id",
                        Footprint.of(MockMaster.VIOMMU),
                        f -> f.mdev.require().viommu().get() != null
                                && f.mdev.require().vdevId().get() != 0,
                        Errno.ENOENT)
                .invoke("iommufd_viommu_report_event", TestTrigger::reportEvent)
                .build();
    }

    /** Errors: ENOENT. */
    static Call<?> iopf(Ucmd ucmd) {
        return new Call<>(IOPF, new TestTrigger(ucmd));
    }

    /** Errors: ENOENT (device; attached through no vIOMMU; remembered virtual id 0), EOPNOTSUPP (no queue of this type). */
    static Call<?> vevent(Ucmd ucmd) {
        return new Call<>(VEVENT, new TestTrigger(ucmd));
    }

    private Call<?> report() {
        int pasid = ucmd.u32("pasid");
        int flags = IommuFault.LAST_PAGE | (pasid == 0 ? 0 : IommuFault.PASID_VALID);
        MockMaster master = (MockMaster) idev.require().dev().master();
        IommuFault fault = new IommuFault(flags, pasid, ucmd.u32("grpid"), ucmd.u32("perm"), ucmd.u64("addr"));
        return master.faultCore().reportDeviceFault(master, fault);
    }

    /** The event has room for 32 bits of the virtual id. */
    private Call<?> reportEvent() {
        byte[] event = new byte[EVENT_BYTES];
        MockMaster master = mdev.require();
        ViommuCore core = master.viommu().require().core();
        MockData.u32(event, 0, (int) master.vdevId().get());
        core.reporting(master, master.vdevId().get());
        return core.reportEvent(MockData.VEVENTQ, event);
    }
}
