package org.iommusim.iommufd.selftest;

import org.iommusim.hw.driver.IommuFault;
import org.iommusim.iommufd.device.Idev;
import org.iommusim.iommufd.ioctl.Ucmd;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.world.RefCell;

/** What makes a mock device do something: IOMMU_TEST_OP_TRIGGER_IOPF and IOMMU_TEST_OP_TRIGGER_VEVENT. */
final class TestTrigger extends SelftestFrame {
    private static final Program<TestTrigger> IOPF = iopf();
    private static final Program<TestTrigger> VEVENT = vevent();

    private final RefCell<Idev> idev = ref();

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
        return b.invoke(
                        "iommufd_viommu_report_event",
                        f -> MockEvent.report(
                                (MockMaster) f.idev.require().dev().master()))
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
}
