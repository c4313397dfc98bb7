package org.iommusim.scenario.conform;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.iommusim.scenario.jobs.Jobs;
import org.iommusim.scenario.language.ScenarioException;

/** Replays files of vectors and tells what became of every case, in the order in which they stand. */
public final class Conformance {
    private final Pattern filter;
    private final boolean verbose;
    private final int jobs;

    /**
     * Makes one.
     *
     * @param filter only cases in whose id this is found are run
     * @param verbose whether every case is shown with its steps and decoded records
     * @param jobs how many cases run at a time; results do not depend on it
     */
    public Conformance(Pattern filter, boolean verbose, int jobs) {
        this.filter = filter;
        this.verbose = verbose;
        this.jobs = jobs;
    }

    /**
     * Reads all files, then runs all cases.
     *
     * @param files as the user named them
     * @param lines gets the result, line by line, the totals last
     * @throws ScenarioException if a file holds anything but vectors; nothing has been run then
     */
    public ConformanceReport run(List<String> files, Consumer<String> lines) {
        VectorFiles reader = new VectorFiles(filter);
        List<List<VectorCase>> cases = new ArrayList<>();
        for (String file : files) {
            cases.add(reader.read(file));
        }
        ConformanceReport report = new ConformanceReport();
        for (int i = 0; i < files.size(); i++) {
            report.begin(files.get(i));
            cases.get(i).forEach(one -> report.operations(one.operations()));
            Jobs.inOrder(jobs, cases.get(i), one -> one.judge(verbose), result -> {
                report.add(result);
                ConformanceText.lines(result, verbose, lines);
            });
        }
        ConformanceText.totals(report, lines);
        return report;
    }
}
