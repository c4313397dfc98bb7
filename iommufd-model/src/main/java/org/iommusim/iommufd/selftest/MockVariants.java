package org.iommusim.iommufd.selftest;

import java.util.List;
import org.iommusim.sim.program.ProgramPatch;
import org.iommusim.sim.variant.Variant;

/** What real drivers do and the kernel's mock does not, and a known weakness of one of them. */
final class MockVariants {
    /** As with a queue that hardware reads by itself, or a trusted device's binding. */
    private static final Variant VDEVICE_STATE = Variant.of(
            "mock-vdevice-state",
            "B34",
            "vDEVICEs have state in the mock's hardware, by which the VM reaches the device without the kernel",
            MockVdevice.OPERATIONS,
            MockVdevice.STATE_ONLY);

    /** As a driver does that takes only devices with exactly one StreamID. */
    private static final Variant VDEVICE_INIT_FAILS = Variant.of(
            "mock-vdevice-init-fails",
            "B37",
            "the mock's vdevice_init fails with EIO",
            MockVdevice.OPERATIONS,
            MockVdevice.FAILING);

    /** As the SMMUv3 driver does, which collects commands under the lock and issues them behind it. */
    private static final Variant ISSUES_UNLOCKED = Variant.of(
            "mock-issues-unlocked",
            "B33",
            "an invalidation is issued when the lock under which its virtual id was looked up is given up already",
            ProgramPatch.over(MockCacheInvalidate.INVALIDATE, "mock-issues-unlocked")
                    .moveAfter("clear the cache", "unlock xa_lock(vdevs)")
                    .build());

    private MockVariants() {}

    /** All of them. */
    static List<Variant> all() {
        return List.of(VDEVICE_STATE, VDEVICE_INIT_FAILS, ISSUES_UNLOCKED);
    }
}
