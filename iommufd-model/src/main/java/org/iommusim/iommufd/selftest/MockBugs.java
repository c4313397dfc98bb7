package org.iommusim.iommufd.selftest;

import java.util.List;
import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.driver.ViommuCore;
import org.iommusim.hw.pcie.PciFunction;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.ProgramPatch;
import org.iommusim.sim.variant.Variant;

/** Known bugs of drivers, brought to the mock's; and their mends where 7.3 has them. */
final class MockBugs {
    /** Of the s390 driver; fixed in 6.12.2 (CVE-2024-53232). */
    private static final Variant ATTACH_NEEDS_DEVICE = Variant.of(
            "attach-needs-device",
            "D54",
            "a driver refuses to attach a device that was pulled out, even to the blocked domain",
            ProgramPatch.over(MockAttach.ATTACH, "attach-needs-device")
                    .insertBefore(
                            "dirty tracking fits",
                            b -> b.check(
                                    "the device answers",
                                    Footprint.of(PciFunction.CONFIG_SPACE),
                                    MockAttach::present,
                                    Errno.ENODEV))
                    .build());

    /** Not in 7.3. */
    private static final Variant EVENT_ASKS_FOR_ID = Variant.of(
            "event-asks-for-virtual-id",
            "G88",
            "mended: an event whose device has lost the virtual id that the driver noted is not reported",
            ProgramPatch.over(MockEvent.REPORT, "event-asks-for-virtual-id")
                    .insertAfter(
                            "mdev->viommu, vdev_id",
                            b -> b.check(
                                    "it still has that id", ViommuCore.LOOK_UP, MockEvent::idIsPresent, Errno.ENOENT))
                    .build());

    /** Against the order that drivers of hardware queues need. */
    private static final Variant QUEUES_IN_ANY_ORDER = Variant.of(
            "hw-queues-without-dependency",
            "G96",
            "a hardware queue does not hold the one that it needs",
            ProgramPatch.to("mock_hw_queue_init_phys", "hw-queues-without-dependency")
                    .never("depends")
                    .build());

    private MockBugs() {}

    /** All of them. */
    static List<Variant> all() {
        return List.of(ATTACH_NEEDS_DEVICE, EVENT_ASKS_FOR_ID, QUEUES_IN_ANY_ORDER);
    }
}
