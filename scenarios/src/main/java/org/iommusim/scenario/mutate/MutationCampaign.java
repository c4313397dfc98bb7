package org.iommusim.scenario.mutate;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.iommusim.scenario.jobs.Jobs;
import org.iommusim.sim.mutate.Mutant;

/** Judges the mutants of one policy, on several threads, and remembers each verdict as soon as it is there. */
public final class MutationCampaign {
    private final String policy;
    private final List<Mutant> mutants;
    private final MutantJudge judge;
    private final MutationJournal journal;
    private final BooleanSupplier interrupted;
    private final Consumer<JudgedMutant> each;

    /**
     * Prepares a campaign.
     *
     * @param policy whose programs are changed
     * @param mutants the changes
     * @param judge explores them
     * @param journal knows what was judged before, and takes what is judged now
     * @param interrupted asked before each mutant: true ends the campaign with what there is
     * @param each told of each new verdict, by one thread at a time, in no particular order
     */
    public MutationCampaign(
            String policy,
            List<Mutant> mutants,
            MutantJudge judge,
            MutationJournal journal,
            BooleanSupplier interrupted,
            Consumer<JudgedMutant> each) {
        this.policy = policy;
        this.mutants = List.copyOf(mutants);
        this.judge = judge;
        this.journal = journal;
        this.interrupted = interrupted;
        this.each = each;
    }

    /** Judges every mutant that the journal does not know, on {@code jobs} threads. */
    public MutationResult run(int jobs) {
        Map<String, MutantVerdict> verdicts = new TreeMap<>(journal.verdicts());
        List<Mutant> unknown = mutants.stream()
                .filter(mutant -> !verdicts.containsKey(mutant.id()))
                .toList();
        Jobs.inOrder(jobs, unknown, mutant -> one(mutant, verdicts), done -> {});
        List<JudgedMutant> judged = new ArrayList<>();
        for (Mutant mutant : mutants) {
            MutantVerdict verdict = verdicts.get(mutant.id());
            if (verdict != null) {
                judged.add(new JudgedMutant(mutant, verdict));
            }
        }
        return new MutationResult(policy, mutants.size(), judged);
    }

    /** False if the campaign was interrupted before. */
    private boolean one(Mutant mutant, Map<String, MutantVerdict> verdicts) {
        if (interrupted.getAsBoolean()) {
            return false;
        }
        MutantVerdict verdict = judge.judge(mutant.patch());
        synchronized (this) {
            verdicts.put(mutant.id(), verdict);
            journal.add(mutant.id(), verdict);
            each.accept(new JudgedMutant(mutant, verdict));
        }
        return true;
    }
}
