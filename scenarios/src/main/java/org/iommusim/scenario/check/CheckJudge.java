package org.iommusim.scenario.check;

import java.util.List;
import java.util.stream.Collectors;
import org.iommusim.scenario.check.CheckVerdict.Status;
import org.iommusim.scenario.explore.ExploreResult;
import org.iommusim.scenario.explore.ExploreSetup;
import org.iommusim.scenario.explore.ReplayedSchedule;
import org.iommusim.scenario.explore.ScenarioExplorer;
import org.iommusim.scenario.explore.ScheduleReplay;
import org.iommusim.scenario.language.ExploreSettings.Outcome;
import org.iommusim.scenario.language.ScenarioException;
import org.iommusim.scenario.run.RunOptions;
import org.iommusim.scenario.run.RunResult;
import org.iommusim.scenario.run.Runner;
import org.iommusim.sim.check.Violation;
import org.iommusim.sim.explore.Exploration;
import org.iommusim.sim.explore.Exploration.Stop;
import org.iommusim.sim.explore.ExploreProgress;

/** Judges one case, on one thread. */
final class CheckJudge {
    private final boolean strict;

    /**
     * Makes a judge.
     *
     * @param strict true if accepted deviations count as violations
     */
    CheckJudge(boolean strict) {
        this.strict = strict;
    }

    /** Judges a case; one in which the simulator itself fails has failed, and the others go on. */
    CheckVerdict judge(CheckCase each) {
        try {
            return verdict(each);
        } catch (ScenarioException e) {
            throw e;
        } catch (RuntimeException e) {
            return CheckVerdict.failed(each, "ERROR", List.of(), "the simulator failed: " + innermost(e));
        }
    }

    private static String innermost(Throwable e) {
        Throwable cause = e.getCause();
        return cause == null ? e.toString().replaceAll("\\s*\\R\\s*", " ") : innermost(cause);
    }

    private CheckVerdict verdict(CheckCase each) {
        if (each instanceof CheckCase.Run run) {
            return run(run);
        }
        if (each instanceof CheckCase.Explore explore) {
            return explore(explore);
        }
        if (each instanceof CheckCase.Replay replay) {
            return replay(replay);
        }
        return new CheckVerdict(each, Status.SKIPPED, "-", List.of(), ((CheckCase.Skipped) each).why());
    }

    private static CheckVerdict run(CheckCase.Run each) {
        RunResult result = Runner.run(each.run(), RunOptions.DEFAULT);
        if (result.passed()) {
            return CheckVerdict.passed(each, "pass", List.of());
        }
        String failed = result.verdicts().stream()
                .filter(verdict -> !verdict.holds())
                .map(verdict -> verdict.pointer() + " " + verdict.expected() + ", found " + verdict.found())
                .map(String::strip)
                .collect(Collectors.joining("; "));
        return CheckVerdict.failed(each, "FAIL", List.of(), "expected that " + failed);
    }

    private CheckVerdict explore(CheckCase.Explore each) {
        Outcome outcome = each.outcome();
        ExploreResult result = ScenarioExplorer.withWorkers(1)
                .explore(ExploreSetup.of(each.explored(), outcome, strict), ExploreProgress.NONE);
        String found = found(result);
        String problem = problem(outcome, result);
        return problem.isEmpty()
                ? CheckVerdict.passed(each, found, result.accepted())
                : CheckVerdict.failed(each, found, result.accepted(), problem);
    }

    /** The outcome in a few words. */
    private static String found(ExploreResult result) {
        if (result.exploration().violated()) {
            return String.join(", ", result.found());
        }
        return result.exploration().exhaustive() ? "safe" : "nothing found";
    }

    private static String problem(Outcome outcome, ExploreResult result) {
        Exploration exploration = result.exploration();
        List<String> finds = outcome.finds();
        if (finds.isEmpty() && exploration.violated()) {
            return "expected that it is safe, found " + describe(result.violations());
        }
        if (finds.isEmpty() && !exploration.exhaustive() && exploration.stop() != Stop.SAMPLED) {
            return "expected a proof that it is safe, found none: " + exploration.reason();
        }
        if (!finds.isEmpty() && !exploration.violated()) {
            return "expected " + String.join(" or ", finds) + ", found nothing"
                    + (exploration.exhaustive() ? ": it is safe" : ": " + exploration.reason());
        }
        if (!finds.isEmpty() && result.found().stream().noneMatch(finds::contains)) {
            return "expected " + String.join(" or ", finds) + ", found " + describe(result.violations());
        }
        // On the way to a violation only some of them show.
        List<String> accepted = outcome.accepted().stream().sorted().toList();
        return accepted.isEmpty() || exploration.violated() || accepted.equals(result.accepted())
                ? ""
                : "expected the accepted deviations " + accepted + ", found " + result.accepted();
    }

    private static String describe(List<Violation> violations) {
        return violations.stream()
                .map(violation -> violation.checker() + ": " + violation.message())
                .collect(Collectors.joining("; "));
    }

    private static CheckVerdict replay(CheckCase.Replay each) {
        ReplayedSchedule schedule = ScheduleReplay.run(each.counterexample());
        String checker = each.counterexample().checker();
        if (!schedule.violates()) {
            String why = schedule.problem().isEmpty() ? "no check objects" : schedule.problem();
            return CheckVerdict.failed(each, "FAIL", List.of(), "expected " + checker + ", found that " + why);
        }
        return schedule.violations().stream().anyMatch(v -> v.checker().equals(checker))
                ? CheckVerdict.passed(each, checker, List.of())
                : CheckVerdict.failed(
                        each, "FAIL", List.of(), "expected " + checker + ", found " + describe(schedule.violations()));
    }
}
