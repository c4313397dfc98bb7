package org.iommusim.iommufd.actor;

import java.util.List;
import org.iommusim.sim.program.ProgramPatch;
import org.iommusim.sim.variant.Variant;

/** What interrupt threads of drivers do better than that of the mock. */
public final class MockDeviceVariants {
    /** As VT-d's driver since 6.8.2, with a lock of its own; the mock has none. */
    private static final Variant LOOK_UP_LOCKED = Variant.of(
            "fault-lookup-locked",
            "D63",
            "mended: the device of a page request cannot be removed between its look-up and the end of the report",
            ProgramPatch.over(MockDeviceBodies.PAGE_REQUEST, "fault-lookup-locked")
                    .insertBefore("find device", b -> b.lock("keep removals out", MockDeviceBodies.Interrupt::removals))
                    .build());

    private MockDeviceVariants() {}

    /** All of them. */
    public static List<Variant> all() {
        return List.of(LOOK_UP_LOCKED);
    }
}
