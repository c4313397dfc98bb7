package org.iommusim.scenario.run;

import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.function.Consumer;
import org.iommusim.hw.driver.Errno;
import org.iommusim.iommufd.actor.RunListener;
import org.iommusim.iommufd.actor.ScriptStep;
import org.iommusim.iommufd.object.FailNth;
import org.iommusim.scenario.language.Scenario;
import org.iommusim.sim.check.Violation;

/**
 * Runs a scenario again and again, each time with the next allocation, look-up or copy made to fail, until none is left.
 * What the script expects does not count: only what checks report does.
 */
public final class FailNthCampaign {
    /** A failure can leave an actor waiting while traffic goes on: a run ends after so many times the events it needs. */
    private static final long EVENTS_FACTOR = 4;

    private static final long EVENTS_MORE = 1_000_000;

    private FailNthCampaign() {}

    /**
     * One run.
     *
     * @param n which step failed, counted from 1
     * @param where the program and the step
     * @param answer what the first script step answered that did not answer as expected; empty: all did
     * @param violations what checks reported
     * @param limit why the run was ended before its last event; empty: it was not
     */
    public record Injection(long n, String where, String answer, List<Violation> violations, String limit) {
        /** Copies the list. */
        public Injection {
            violations = List.copyOf(violations);
        }

        /** True if no check reported anything. */
        public boolean clean() {
            return violations.isEmpty();
        }
    }

    /**
     * Runs them all.
     *
     * @param each told of each run when it has ended
     * @return the runs in the order of {@code n}
     */
    public static List<Injection> run(Scenario scenario, Consumer<Injection> each) {
        RunOptions options = RunOptions.DEFAULT;
        long events = Runner.run(scenario, options).events();
        options = options.atMost(EVENTS_FACTOR * events + EVENTS_MORE);
        List<Injection> runs = new ArrayList<>();
        for (long n = 1; ; n++) {
            FailNth faults = new FailNth(n);
            Injection run = one(scenario, options.failing(faults), n, faults);
            if (faults.firedAt().isEmpty()) {
                return runs;
            }
            each.accept(run);
            runs.add(run);
        }
    }

    private static Injection one(Scenario scenario, RunOptions options, long n, FailNth faults) {
        FirstSurprise surprise = new FirstSurprise();
        RunResult result = Runner.run(scenario, options.listening(options.trace(), surprise, options.progress()));
        return new Injection(n, faults.firedAt(), surprise.text, result.violations(), result.limit());
    }

    private static final class FirstSurprise implements RunListener {
        private String text = "";

        @Override
        public void stepEnded(
                long timePs,
                String actor,
                int index,
                ScriptStep step,
                int errno,
                SortedMap<String, Long> outputs,
                boolean asExpected) {
            if (!asExpected && text.isEmpty()) {
                text = actor + " " + step.verb().name() + " " + Errno.name(errno);
            }
        }
    }
}
