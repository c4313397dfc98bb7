package org.iommusim.iommufd.selftest;

import java.util.OptionalLong;
import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.driver.ViommuCore;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.Program;

/** An event of a mock device, with the virtual id that the driver noted when the device was attached. */
public final class MockEvent extends Frame {
    /** The event has room for 32 bits of the virtual id. */
    private static final int EVENT_BYTES = 4;

    static final Program<MockEvent> REPORT = Program.<MockEvent>named("mock_dev event")
            .lockShared("viommu_rwsem", f -> f.mdev.viommuRwsem())
            .check(
                    "mdev->viommu, vdev_id",
                    Footprint.of(MockMaster.VIOMMU),
                    f -> f.mdev.viommu().get() != null && f.mdev.vdevId().get() != 0,
                    Errno.ENOENT)
            .invoke("iommufd_viommu_report_event", MockEvent::reportEvent)
            .build();

    private final MockMaster mdev;

    private MockEvent(MockMaster mdev) {
        super(mdev.driver().world());
        this.mdev = mdev;
    }

    /** Errors: ENOENT (attached through no vIOMMU; remembered virtual id 0), EOPNOTSUPP (no queue of this type). */
    public static Call<?> report(MockMaster mdev) {
        return new Call<>(REPORT, new MockEvent(mdev));
    }

    /** True if the device has the virtual id that was noted. */
    boolean idIsPresent() {
        OptionalLong now = mdev.viommu().require().core().virtualIdOf(mdev);
        return now.isPresent() && now.getAsLong() == mdev.vdevId().get();
    }

    private Call<?> reportEvent() {
        byte[] event = new byte[EVENT_BYTES];
        ViommuCore core = mdev.viommu().require().core();
        MockData.u32(event, 0, (int) mdev.vdevId().get());
        core.reporting(mdev, mdev.vdevId().get());
        return core.reportEvent(MockData.VEVENTQ, event);
    }
}
