package org.iommusim.iommufd.eventq;

import java.util.List;
import org.iommusim.iommufd.object.IommufdObject;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.ProgramPatch;
import org.iommusim.sim.variant.Variant;

/** Known bugs of event queues and their files. */
public final class EventqVariants {
    /** Fixed in 7.3.2 ("Fix event queue release use-after-free"). */
    private static final Variant RELEASE_READS_QUEUE_LAST = Variant.of(
            "eventq-release-reads-queue-last",
            "A08",
            "closing a queue's file finds the context through the queue after the last reference on it",
            ProgramPatch.over(EventqFile.RELEASE, "eventq-release-reads-queue-last")
                    .insertBefore(
                            "iommufd_ctx_put",
                            b -> b.step(
                                    "load eventq->obj.ictx",
                                    Footprint.of(IommufdObject.LIFE),
                                    f -> f.eventq().touch("iommufd_eventq_fops_release")))
                    .build());

    private EventqVariants() {}

    /** All of them. */
    public static List<Variant> all() {
        return List.of(RELEASE_READS_QUEUE_LAST);
    }
}
