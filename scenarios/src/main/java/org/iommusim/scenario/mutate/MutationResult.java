package org.iommusim.scenario.mutate;

import java.util.List;
import org.iommusim.scenario.mutate.MutantVerdict.Outcome;
import org.iommusim.sim.mutate.MutantKind;

/**
 * What a campaign found out.
 *
 * @param policy whose programs were changed
 * @param mutants how many there are
 * @param judged those that were judged, in their order; fewer than {@code mutants} if the campaign was interrupted
 */
public record MutationResult(String policy, int mutants, List<JudgedMutant> judged) {
    /** Copies the list. */
    public MutationResult {
        judged = List.copyOf(judged);
    }

    /** True if every mutant was judged. */
    public boolean complete() {
        return judged.size() == mutants;
    }

    /** Those of one outcome. */
    public List<JudgedMutant> of(Outcome outcome) {
        return judged.stream()
                .filter(each -> each.verdict().outcome() == outcome)
                .toList();
    }

    /** The result of one kind of mutants only. */
    public MutationResult of(MutantKind kind) {
        List<JudgedMutant> some =
                judged.stream().filter(each -> each.mutant().kind() == kind).toList();
        return new MutationResult(policy, some.size(), some);
    }

    /** Killed mutants in percent of those that were judged and reached, rounded down; 100 if there are none. */
    public int score() {
        int killed = of(Outcome.KILLED).size();
        int reached = killed + of(Outcome.SURVIVED).size();
        return reached == 0 ? 100 : 100 * killed / reached;
    }
}
