package org.iommusim.scenario.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;
import org.iommusim.iommufd.kernels.Kernels;
import org.iommusim.iommufd.policy.LifecyclePolicy;
import org.iommusim.scenario.language.Scenario;
import org.iommusim.scenario.mutate.MutationCampaign;
import org.iommusim.scenario.mutate.MutationJournal;
import org.iommusim.scenario.mutate.MutationResult;
import org.iommusim.scenario.mutate.PolicyMutants;
import org.iommusim.scenario.mutate.ScenarioMutantJudge;
import org.iommusim.sim.mutate.Mutant;
import org.jspecify.annotations.Nullable;

/** {@code explore --mutate}: which small changes of a kernel's programs do some scenarios notice? */
final class MutationRun {
    /** Most states of one exploration: a mutant may have many more than the kernel as it is. */
    private static final long MAX_STATES = 1L << 20;

    private final Console console;
    private final int jobs;
    private final @Nullable Path journal;

    MutationRun(Console console, int jobs, @Nullable Path journal) {
        this.console = console;
        this.jobs = jobs;
        this.journal = journal;
    }

    /** Those of some scenarios that say what comes out for this kernel. */
    static List<Scenario> known(List<Scenario> scenarios, String kernel) {
        return scenarios.stream()
                .filter(scenario -> scenario.explore().stream()
                        .flatMap(settings -> settings.outcomes().stream())
                        .anyMatch(outcome -> outcome.kernel().equals(kernel)
                                && outcome.patches().isEmpty()))
                .toList();
    }

    /**
     * Judges all mutants of a kernel.
     *
     * @param kernel the policy's name
     * @param scenarios that judge
     * @throws IllegalArgumentException with one line if the journal is that of another campaign
     */
    MutationResult run(String kernel, List<Scenario> scenarios, Interruption interruption) {
        LifecyclePolicy policy = Kernels.find(kernel).orElseThrow();
        List<Mutant> mutants = PolicyMutants.of(policy);
        ScenarioMutantJudge judge = ScenarioMutantJudge.of(
                scenarios.stream().map(scenario -> scenario.withKernel(kernel)).toList(),
                policy.programsOnPaths(),
                MAX_STATES);
        MutationJournal verdicts = journal == null
                ? MutationJournal.none()
                : MutationJournal.open(journal, kernel, mutants, judge.description());
        console.err().println(kernel + ": " + mutants.size() + " mutants, judged by " + judge.description());
        AtomicInteger done = new AtomicInteger(verdicts.verdicts().size());
        MutationResult result = new MutationCampaign(
                        kernel,
                        mutants,
                        judge,
                        verdicts,
                        interruption::asked,
                        each -> progress(done.incrementAndGet(), mutants.size()))
                .run(jobs);
        if (console.terminal()) {
            console.err().print("\r\u001b[K");
        }
        return result;
    }

    private void progress(int done, int all) {
        if (console.terminal()) {
            console.err().print(String.format(Locale.ROOT, "\r\u001b[K%,d of %,d mutants ...", done, all));
            console.err().flush();
        }
    }
}
