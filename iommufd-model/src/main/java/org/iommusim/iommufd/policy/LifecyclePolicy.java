package org.iommusim.iommufd.policy;

import java.util.ArrayList;
import java.util.List;
import org.iommusim.sim.program.Program;

/**
 * One kernel where kernels differ: its programs, and the rules that are no programs.
 *
 * @param name as the option {@code --kernel} and scenarios spell it
 * @param summary one sentence
 * @param reconstructed true if nobody published this kernel whole: it is put together from a difference or a description
 * @param provenance one line: where it is known from
 * @param objects rules of the object core
 * @param vdevices what vDEVICEs hold
 * @param programs what runs at the slots
 * @param paths the programs in the order of their calls, for readers
 * @param accepted what this kernel is known and accepted to do wrong
 */
public record LifecyclePolicy(
        String name,
        String summary,
        boolean reconstructed,
        String provenance,
        ObjectRules objects,
        VdeviceRules vdevices,
        ProgramSet programs,
        List<PolicyPath> paths,
        List<Deviation> accepted) {
    /** Copies the lists. */
    public LifecyclePolicy {
        paths = List.copyOf(paths);
        accepted = List.copyOf(accepted);
    }

    /** This policy, but with a wake-up that reaches the remover. */
    public LifecyclePolicy withWakeReachingWaiter() {
        return new LifecyclePolicy(
                name,
                summary,
                reconstructed,
                provenance,
                objects.withWakeReachingWaiter(),
                vdevices,
                programs,
                paths,
                accepted);
    }

    /** True if a deviation of this id is accepted. */
    public boolean accepts(String id) {
        return acceptedIds().contains(id);
    }

    /** The names of all accepted deviations. */
    public List<String> acceptedIds() {
        return accepted.stream().map(Deviation::id).toList();
    }

    /** The programs on its paths, each once, in the order of their first call. */
    public List<Program<?>> programsOnPaths() {
        return paths.stream()
                .<Program<?>>flatMap(path -> path.programs().stream())
                .distinct()
                .toList();
    }

    /** The rules as lines of a table; every policy has the same names in the same order. */
    public List<PolicyRule> rules() {
        List<PolicyRule> rules = new ArrayList<>(objects.lines());
        rules.addAll(vdevices.lines());
        return rules;
    }
}
