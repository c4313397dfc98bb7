package org.iommusim.sim.program;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * A name for every instruction of a program, unique in it, by which listings show it and patches find it. A step's name is
 * its id. Giving back in mid-program is named after what it gives back: {@code unlock igroup->lock}, {@code put viommu},
 * {@code keep idev}; a second one of the same name ends in {@code #2}.
 */
final class StepNames {
    private StepNames() {}

    /** The names in the order of the instructions. */
    static <F> List<String> of(List<Instruction<F>> code) {
        Set<String> ids = new LinkedHashSet<>();
        code.stream().filter(i -> !derived(i)).forEach(i -> ids.add(i.id()));
        List<String> names = new ArrayList<>();
        for (Instruction<F> instruction : code) {
            String name = instruction.id();
            if (derived(instruction)) {
                name = free(derivedName(code, instruction), ids);
                ids.add(name);
            }
            names.add(name);
        }
        return names;
    }

    /** The name of the undo that a step or a lock leaves. */
    static <F> String undoName(List<Instruction<F>> code, String ofStep) {
        for (Instruction<F> each : code) {
            if (each.id().equals(ofStep)) {
                if (each instanceof Instruction.Acquire<F>) {
                    return "unlock " + ofStep;
                }
                if (each instanceof Instruction.Step<F> step && step.undo() != null) {
                    return step.undo().id();
                }
            }
        }
        return "undo " + ofStep;
    }

    /** True if its id is that of another step. */
    private static boolean derived(Instruction<?> instruction) {
        return instruction instanceof Instruction.UndoNow<?> || instruction instanceof Instruction.Keep<?>;
    }

    private static <F> String derivedName(List<Instruction<F>> code, Instruction<F> instruction) {
        return instruction instanceof Instruction.Keep<F>
                ? "keep " + instruction.id()
                : undoName(code, instruction.id());
    }

    private static String free(String wanted, Set<String> taken) {
        String name = wanted;
        for (int n = 2; taken.contains(name); n++) {
            name = wanted + " #" + n;
        }
        return name;
    }
}
