package org.iommusim.hw.walk;

/**
 * What a walk must come to.
 *
 * @param fault why it fails, or {@link WalkFault#NONE}
 * @param level where it fails
 * @param output the translated address
 * @param global the translation holds for every address space
 * @param stage the stage that fails
 * @param ipa the address that stage 2 failed on
 * @param onTable stage 2 failed on the address of a table entry
 */
public record ReferenceOutcome(
        WalkFault fault, int level, long output, boolean global, int stage, long ipa, boolean onTable) {
    /** A fault of the only stage, or of stage 1. */
    public static ReferenceOutcome fault(WalkFault why, int level) {
        return new ReferenceOutcome(why, level, 0, false, 1, 0, false);
    }

    /** What stage 2 says about an address that stage 1 came to. */
    public ReferenceOutcome below(long address, boolean ofTable, boolean isGlobal) {
        return new ReferenceOutcome(fault, level, output, isGlobal, 2, address, ofTable);
    }
}
