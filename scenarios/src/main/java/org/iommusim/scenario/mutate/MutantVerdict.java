package org.iommusim.scenario.mutate;

/**
 * What explorations say of one mutant.
 *
 * @param outcome whether any of them noticed it
 * @param by what noticed it: the scenario and the checker; empty unless killed
 * @param detail one line more: the checker's message, or the bounds within which nothing was found
 * @param exhaustive of a survivor: true if every exploration was exhaustive within its bounds
 */
public record MutantVerdict(Outcome outcome, String by, String detail, boolean exhaustive) {
    /** Whether a mutant was noticed. */
    public enum Outcome {
        /** Some exploration found what it does not find in the original. */
        KILLED,
        /** All explorations ended as those of the original do. */
        SURVIVED,
        /** No exploration ever started the program: nothing is known. */
        NOT_REACHED
    }

    /** Lines of a journal must stay lines. */
    public MutantVerdict {
        by = oneLine(by);
        detail = oneLine(detail);
    }

    /** Noticed. */
    public static MutantVerdict killed(String by, String detail) {
        return new MutantVerdict(Outcome.KILLED, by, detail, false);
    }

    /** Not noticed. */
    public static MutantVerdict survived(String bounds, boolean exhaustive) {
        return new MutantVerdict(Outcome.SURVIVED, "", bounds, exhaustive);
    }

    /** Never run. */
    public static MutantVerdict notReached() {
        return new MutantVerdict(Outcome.NOT_REACHED, "", "", false);
    }

    private static String oneLine(String text) {
        return text.replaceAll("[\\t\\r\\n]+", " ");
    }
}
