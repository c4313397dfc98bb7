package org.iommusim.scenario.cli;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.iommusim.scenario.explore.ExploreSetup;
import org.iommusim.scenario.language.ExploreSettings;
import org.iommusim.scenario.language.ExploreSettings.Strategy;
import org.iommusim.scenario.language.ExploreSettings.UserCopies;
import org.iommusim.scenario.language.Scenario;
import org.iommusim.scenario.language.Vocabulary;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What of a scenario's settings the command line can change for one exploration. */
final class ExploreOptions {
    private static final String STUCK = "stuck";

    @Option(
            names = "--kernel",
            paramLabel = "POLICY",
            description = "Use this kernel policy instead of the scenario's.")
    private @Nullable String kernel;

    @Option(
            names = "--patch",
            paramLabel = "NAME",
            description = "Give the software this known bug; may be repeated (see: list patches).")
    private List<String> patches = List.of();

    @Option(names = "--strategy", paramLabel = "exhaustive|dpor|pct|random", description = "All schedules, or samples.")
    private @Nullable String strategy;

    @Option(names = "--max-schedules", paramLabel = "N", description = "Run at most so many schedules to their end.")
    private @Nullable Long maxSchedules;

    @Option(names = "--preemptions", paramLabel = "K", description = "Preempt at most so often in a schedule.")
    private @Nullable Integer preemptions;

    @Option(
            names = "--timeouts",
            paramLabel = "stuck|N",
            description = "Let timeouts fire only when nothing else can go on, or N times at any point.")
    private @Nullable String timeouts;

    @Option(
            names = "--user-copies",
            paramLabel = "prompt|finite|forever",
            description = "How long copies from and to user memory take.")
    private @Nullable String userCopies;

    @Option(names = "--strict", description = "Count accepted deviations as violations.")
    private boolean strict;

    /** What is wrong with the options, in one line; empty if nothing is. */
    String problem(Vocabulary vocabulary) {
        if (kernel != null && !vocabulary.policies().contains(kernel)) {
            return "option '--kernel': found '" + kernel + "', expected one of " + vocabulary.policies();
        }
        for (String patch : patches) {
            if (!vocabulary.patches().contains(patch)) {
                return "option '--patch': found '" + patch + "', expected one that 'iommusim list patches' prints";
            }
        }
        String known = notAWord("--strategy", strategy, Strategy.values())
                + notAWord("--user-copies", userCopies, UserCopies.values());
        if (!known.isEmpty()) {
            return known;
        }
        if (timeouts != null && !timeouts.equals(STUCK) && !timeouts.matches("[0-9]{1,3}")) {
            return "option '--timeouts': found '" + timeouts + "', expected '" + STUCK + "' or a number up to 999";
        }
        if (preemptions != null && preemptions < 0) {
            return "option '--preemptions': found " + preemptions + ", expected at least 0";
        }
        return maxSchedules != null && maxSchedules < 1
                ? "option '--max-schedules': found " + maxSchedules + ", expected at least 1"
                : "";
    }

    /** A patch of a driver that nobody uses in a scenario, in one line; empty if there is none. */
    String unused(Vocabulary vocabulary, Scenario scenario) {
        for (String patch : patches) {
            Optional<String> absent = vocabulary
                    .driverOf(patch)
                    .filter(kind -> scenario.topology().iommus().stream()
                            .noneMatch(iommu -> iommu.kind().equals(kind)));
            if (absent.isPresent()) {
                return "option '--patch': found '" + patch + "', a bug of the driver of " + absent.get()
                        + ", expected one of software that is there";
            }
        }
        return "";
    }

    private static String notAWord(String option, @Nullable String word, ExploreSettings.Word... words) {
        List<String> known =
                Arrays.stream(words).map(ExploreSettings.Word::word).toList();
        return word == null || known.contains(word)
                ? ""
                : "option '" + option + "': found '" + word + "', expected one of " + known;
    }

    /** The kernel that is meant. */
    String kernel(Scenario scenario) {
        return kernel == null ? scenario.kernel() : kernel;
    }

    /** The scenario with these options; nothing may be wrong with them. */
    ExploreSetup setup(Scenario scenario) {
        Scenario under = scenario.withKernel(kernel(scenario));
        ExploreSettings own = under.exploreOrUnsaid();
        ExploreSettings settings = new ExploreSettings(
                own.from(),
                strategy == null ? own.strategy() : ExploreSettings.word(strategy, Strategy.values()),
                preemptions == null ? own.preemptions() : preemptions,
                timeouts == null ? own.timeouts() : timeouts.equals(STUCK) ? 0 : Integer.parseInt(timeouts),
                userCopies == null ? own.userCopies() : ExploreSettings.word(userCopies, UserCopies.values()),
                maxSchedules == null ? own.maxSchedules() : maxSchedules,
                own.outcomes());
        return new ExploreSetup(under.withExplore(settings), patches, strict);
    }
}
