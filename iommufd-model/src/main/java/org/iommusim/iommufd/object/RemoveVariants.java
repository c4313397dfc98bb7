package org.iommusim.iommufd.object;

import java.util.List;
import org.iommusim.sim.program.ProgramPatch;
import org.iommusim.sim.program.WaitQueue;
import org.iommusim.sim.variant.Variant;

/** Other ways to remove an object. */
public final class RemoveVariants {
    private RemoveVariants() {}

    /** All of them. */
    public static List<Variant> all() {
        return List.of(Variant.of(
                "remover-sleeps-interruptibly",
                "J111",
                "the fix of a lost wake-up: the remover sleeps in the mode in which iommufd_put_object wakes",
                ProgramPatch.to("iommufd_object_dec_wait", "remover-sleeps-interruptibly")
                        .sleep("wait until wait_cnt is 0", WaitQueue.Sleep.INTERRUPTIBLE)
                        .build()));
    }
}
