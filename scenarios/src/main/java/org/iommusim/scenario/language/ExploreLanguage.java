package org.iommusim.scenario.language;

import java.util.Arrays;
import java.util.List;
import org.iommusim.scenario.language.ExploreSettings.Strategy;
import org.iommusim.scenario.language.ExploreSettings.UserCopies;

/** The objects of a scenario that say what is explored and what comes out. */
public final class ExploreLanguage {
    /** The word for timeouts that fire only when nothing else can go on. */
    static final String STUCK = "stuck";

    /** An outcome. */
    public static final Shape OUTCOME = Shape.of(
            "outcome",
            "What is known to come out for one kernel.",
            Member.of("kernel", ValueKind.WORD, "Whose object lifecycle is played.")
                    .must(),
            Member.of(
                            "patches",
                            ValueKind.WORDS,
                            "Known bugs that it is given, as list patches prints them; those of a driver need an IOMMU that it drives.")
                    .otherwise("none"),
            Member.of(
                            "finds",
                            ValueKind.WORDS,
                            "Checks, as list checks prints them; the least counterexample comes from any one of them."
                                    + " Empty: the kernel is safe within the bounds.")
                    .must(),
            Member.of(
                            "accepted",
                            ValueKind.WORDS,
                            "Of a safe kernel, all deviations that show and that it is known and accepted to have.")
                    .otherwise("none"),
            Member.of("strict", ValueKind.FLAG, "True: accepted deviations count as violations.")
                    .otherwise("false"),
            Member.of("comment", ValueKind.TEXT, "For readers."));

    /** An exploration. */
    public static final Shape EXPLORE = Shape.of(
            "explore",
            "What of the scenario is explored, how far, and what comes out.",
            Member.of(
                            "from",
                            ValueKind.NEW_NAME,
                            "The label at whose setting the exploration begins; up to there the scenario runs in simulated"
                                    + " time.")
                    .otherwise("it begins when the machine has booted"),
            Member.word(
                            "strategy",
                            words(Strategy.values()),
                            "All schedules (exhaustive joins equal states, dpor keeps one of equal orders), or samples of them.")
                    .otherwise("exhaustive"),
            Member.of(
                            "preemptions",
                            ValueKind.COUNT,
                            0,
                            1000,
                            "Most preemptions of a schedule: another lane runs although the last one could go on.")
                    .otherwise("any number, the fewest first"),
            new Member(
                    "timeouts",
                    ValueKind.COUNT_OR_WORD,
                    false,
                    List.of(STUCK),
                    0,
                    1000,
                    null,
                    STUCK,
                    "How many timeouts may fire although something else could go on; stuck: none."),
            Member.word("user_copies", words(UserCopies.values()), "How long a copy from or to user memory may take.")
                    .otherwise("prompt"),
            Member.of(
                            "max_schedules",
                            ValueKind.COUNT,
                            1,
                            1_000_000_000_000L,
                            "Most schedules that are run to their end.")
                    .otherwise("any number"),
            Member.of("outcomes", ValueKind.OBJECTS, OUTCOME, "What comes out, at least one.")
                    .must(),
            Member.of("comment", ValueKind.TEXT, "For readers."));

    private ExploreLanguage() {}

    private static List<String> words(ExploreSettings.Word... words) {
        return Arrays.stream(words).map(ExploreSettings.Word::word).toList();
    }
}
