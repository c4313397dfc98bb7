package org.iommusim.smmuv3.driver;

import java.util.List;
import org.iommusim.sim.program.Footprint;
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

    /** Not in 7.3. */
    private static final Variant COUNTS_ISSUED = Variant.of(
            "smmuv3-counts-issued-only",
            "E6",
            "mended: an invalidation that fails counts only the commands of blocks that were issued and completed",
            ProgramPatch.over(CacheInvalidate.PROGRAM, "smmuv3-counts-issued-only")
                    .replaceBody("entry_num", Footprint.LOCAL, CacheInvalidate::countIssued)
                    .build());

    /** Not in 7.3. */
    private static final Variant SYNC_WITHOUT_TIMEOUT = Variant.of(
            "smmuv3-sync-waits-for-ever",
            "F86",
            "a CMD_SYNC is waited for without a limit: nobody goes on too early, and nobody at all if it never completes",
            ProgramPatch.over(CmdqIssue.PROGRAM, "smmuv3-sync-waits-for-ever")
                    .noTimeout("wait for CMD_SYNC")
                    .build());

    private static final Variant CRITICAL_FIRST = Variant.of(
            "smmuv3-critical-qword-first",
            "",
            "the word of a stream table entry that decides is written before the words that it makes count",
            ProgramPatch.over(SteWriter.PROGRAM, "smmuv3-critical-qword-first")
                    .drop("set unused bits")
                    .build());

    private Smmuv3Variants() {}

    /** All of them. */
    public static List<Variant> all() {
        return List.of(SYNC_NOT_WAITED_FOR, COUNTS_ISSUED, SYNC_WITHOUT_TIMEOUT, CRITICAL_FIRST);
    }
}
