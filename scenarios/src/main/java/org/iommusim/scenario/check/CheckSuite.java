package org.iommusim.scenario.check;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntConsumer;

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
        ExecutorService threads = Executors.newFixedThreadPool(jobs);
        try {
            List<Future<CheckVerdict>> running = new ArrayList<>();
            for (CheckCase each : cases) {
                running.add(threads.submit(() -> judge.judge(each)));
            }
            List<CheckVerdict> verdicts = new ArrayList<>();
            for (Future<CheckVerdict> one : running) {
                verdicts.add(await(one));
                progress.accept(verdicts.size());
            }
            return verdicts;
        } finally {
            threads.shutdownNow();
        }
    }

    private static CheckVerdict await(Future<CheckVerdict> one) {
        try {
            return one.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException bad) {
                throw bad;
            }
            throw new IllegalStateException(e.getCause());
        }
    }
}
