package org.iommusim.smmuv3.driver;

import java.util.List;
import org.iommusim.sim.program.ProgramPatch;
import org.iommusim.sim.variant.Variant;

/** Known ways to get this driver wrong. */
public final class Smmuv3Variants {
    private static final Variant SYNC_NOT_WAITED_FOR = Variant.of(
            "smmuv3-sync-not-waited-for",
            "",
            "commands are given to the SMMU, but nobody waits until their CMD_SYNC is complete",
            ProgramPatch.over(CmdqIssue.PROGRAM, "smmuv3-sync-not-waited-for")
                    .drop("wait for CMD_SYNC")
                    .build());

    private Smmuv3Variants() {}

    /** All of them. */
    public static List<Variant> all() {
        return List.of(SYNC_NOT_WAITED_FOR);
    }
}
