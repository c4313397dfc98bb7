package org.iommusim.scenario.language;

import java.util.List;
import java.util.Locale;

/**
 * What of a scenario is explored, how far, and what is known to come out.
 *
 * @param from label at whose setting the exploration begins, after a timed run up to there; empty: when the machine has
 *     booted
 * @param strategy how schedules are chosen
 * @param preemptions most preemptions of a schedule; {@link #UNLIMITED}: any number
 * @param timeouts how many timeouts may fire although something else could go on; 0: none
 * @param userCopies how long a copy from or to user memory may take
 * @param maxSchedules most schedules that are run to their end; {@link Long#MAX_VALUE}: any number
 * @param outcomes what is known to come out, at least one
 */
public record ExploreSettings(
        String from,
        Strategy strategy,
        int preemptions,
        int timeouts,
        UserCopies userCopies,
        long maxSchedules,
        List<Outcome> outcomes) {
    /** Preemptions are not counted. */
    public static final int UNLIMITED = Integer.MAX_VALUE;

    /** Copies the list. */
    public ExploreSettings {
        outcomes = List.copyOf(outcomes);
    }

    /** A word of the language and of options. */
    public interface Word {
        /** The constant's name. */
        String name();

        /** As scenarios spell it. */
        default String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** The constant that is spelt so; it must be one of them. */
    public static <W extends Word> W word(String text, W[] all) {
        for (W each : all) {
            if (each.word().equals(text)) {
                return each;
            }
        }
        throw new IllegalArgumentException("no word " + text);
    }

    /** How schedules are chosen. */
    public enum Strategy implements Word {
        /** All of them; those that meet in the same state go on as one. */
        EXHAUSTIVE,
        /** All of them, of those that differ only in the order of independent steps one: for wide states. */
        DPOR,
        /** Random priorities that change at a few random points. */
        PCT,
        /** At random, in partial-order sampling. */
        RANDOM
    }

    /** How long a copy from or to user memory may take. */
    public enum UserCopies implements Word {
        /** No time: nobody else runs meanwhile. */
        PROMPT,
        /** As long as it likes, but it ends. */
        FINITE,
        /** It may never end, as on a page that a user-space server withholds. */
        FOREVER
    }

    /**
     * What is known to come out for one kernel.
     *
     * @param pointer where the file says so; empty if nothing says so
     * @param kernel its policy's name
     * @param patches known bugs that it is given, in this order
     * @param finds checks of which the least counterexample comes from any one; empty: safe
     * @param accepted of a safe kernel, all accepted deviations that show; empty: not said
     * @param strict true if accepted deviations count as violations
     */
    public record Outcome(
            String pointer,
            String kernel,
            List<String> patches,
            List<String> finds,
            List<String> accepted,
            boolean strict) {
        /** Copies the lists. */
        public Outcome {
            patches = List.copyOf(patches);
            finds = List.copyOf(finds);
            accepted = List.copyOf(accepted);
        }

        /** One whose accepted deviations are let pass. */
        public Outcome(String pointer, String kernel, List<String> patches, List<String> finds, List<String> accepted) {
            this(pointer, kernel, patches, finds, accepted, false);
        }

        /** A kernel of which nothing is known but that it should be safe. */
        public static Outcome safe(String kernel) {
            return new Outcome("", kernel, List.of(), List.of(), List.of());
        }

        /** The kernel and its patches, e.g. {@code linux-7.3 + e11-fixed}, and whether it is judged strictly. */
        public String title() {
            String name = patches.isEmpty() ? kernel : kernel + " + " + String.join(" + ", patches);
            return strict ? name + ", strict" : name;
        }
    }

    /** What holds for a scenario that says nothing: everything from the boot on, the given kernel, which is safe. */
    public static ExploreSettings unsaid(String kernel) {
        return new ExploreSettings(
                "",
                Strategy.EXHAUSTIVE,
                UNLIMITED,
                0,
                UserCopies.PROMPT,
                Long.MAX_VALUE,
                List.of(Outcome.safe(kernel)));
    }
}
