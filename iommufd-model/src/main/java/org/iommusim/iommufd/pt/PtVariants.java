package org.iommusim.iommufd.pt;

import java.util.List;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.ProgramPatch;
import org.iommusim.sim.variant.Variant;

/** Known bugs of address spaces and of the HWPTs on them. */
public final class PtVariants {
    /** Fixed by 8602018b1f17. */
    private static final Variant UNMAP_STARTS_OVER = Variant.of(
            "unmap-starts-over",
            "A11",
            "an unmap that goes on after an area looks from the beginning of its range, at what was mapped meanwhile",
            ProgramPatch.over(IoptUnmap.ERASE, "unmap-starts-over")
                    .replaceBody("unmapped", Footprint.LOCAL, f -> {
                        f.countBytes();
                        return 0;
                    })
                    .build());

    /** Fixed in 6.12.31. */
    private static final Variant PARENT_WITH_FAULTS = Variant.of(
            "nesting-parent-with-fault-queue",
            "A18",
            "a nesting parent can be made with a fault queue",
            ProgramPatch.to("iommufd_hwpt_paging_alloc", "nesting-parent-with-fault-queue")
                    .drop("no faults on a nesting parent")
                    .build());

    private PtVariants() {}

    /** All of them. */
    public static List<Variant> all() {
        return List.of(UNMAP_STARTS_OVER, PARENT_WITH_FAULTS);
    }
}
