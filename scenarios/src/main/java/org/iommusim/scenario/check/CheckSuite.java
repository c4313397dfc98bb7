package org.iommusim.scenario.check;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;
import org.iommusim.scenario.jobs.Jobs;

/** Judges cases on several threads, each case on one. */
public final class CheckSuite {
    private final int jobs;
    private final boolean strict;

    /**
     * Makes a suite.
     *
     * @param jobs number of threads; no result depends on it
     * @param strict true if accepted deviations count as violations
     */
    public CheckSuite(int jobs, boolean strict) {
        this.jobs = jobs;
        this.strict = strict;
    }

    /**
     * Judges all cases.
     *
     * @param progress told how many are done, each time that the next one in order is
     * @return their verdicts in the order of the cases
     * @throws org.iommusim.scenario.language.ScenarioException if a scenario cannot be run
     */
    public List<CheckVerdict> judge(List<CheckCase> cases, IntConsumer progress) {
        CheckJudge judge = new CheckJudge(strict);
        List<CheckVerdict> verdicts = new ArrayList<>();
        Jobs.inOrder(jobs, cases, judge::judge, verdict -> {
            verdicts.add(verdict);
            progress.accept(verdicts.size());
        });
        return verdicts;
    }
}
