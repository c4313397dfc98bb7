package org.iommusim.sim.mutate;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.iommusim.sim.program.ListedStep;
import org.iommusim.sim.program.ListedStep.Kind;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.program.ProgramListing;
import org.iommusim.sim.program.ProgramPatch;

/**
 * All mutants of a set of programs, in the order of the programs and their steps. Steps that touch nothing shared are left
 * as they are: no other task can notice them.
 */
public final class Mutants {
    private final Map<String, Mutant> mutants = new LinkedHashMap<>();

    private Mutants() {}

    /**
     * The mutants of programs; a program that is listed twice counts once.
     *
     * @throws IllegalArgumentException if two programs have the same name: their mutants could not be told apart
     */
    public static List<Mutant> of(List<Program<?>> programs) {
        Mutants all = new Mutants();
        Map<String, Program<?>> seen = new LinkedHashMap<>();
        for (Program<?> program : programs) {
            Program<?> other = seen.put(program.name(), program);
            if (other != null && other != program) {
                throw new IllegalArgumentException("two programs are called '" + program.name() + "'");
            }
            if (other == null) {
                all.addAll(program);
            }
        }
        return List.copyOf(all.mutants.values());
    }

    private <F> void addAll(Program<F> program) {
        List<ListedStep> lines = ProgramListing.of(program);
        for (ListedStep line : lines) {
            drop(program, line);
        }
        for (int i = 0; i + 1 < lines.size(); i++) {
            swap(program, lines.get(i), lines.get(i + 1));
        }
    }

    private <F> void drop(Program<F> program, ListedStep line) {
        String step = line.name();
        switch (line.kind()) {
            case LOCK -> add(program, MutantKind.LOCK, step, "drop lock " + step, b -> b.dropLock(step));
            case UNLOCK -> add(program, MutantKind.UNLOCK, step, "drop " + step, b -> b.drop(step));
            case UNDO -> add(program, MutantKind.UNDO, step, "drop " + step, b -> b.drop(step));
            case KEEP -> add(program, MutantKind.KEEP, step, "drop " + step, b -> b.drop(step));
            case WAIT -> add(program, MutantKind.WAIT, step, "drop wait " + step, b -> b.drop(step));
            case CALL -> add(program, MutantKind.CALL, step, "drop call " + step, b -> b.drop(step));
            case CHECK -> {
                if (shared(line)) {
                    add(program, MutantKind.CHECK, step, "drop check " + step, b -> b.drop(step));
                }
            }
            case STEP -> dropStep(program, line);
            default -> {
                // The structure of the program, and what is private to the task.
            }
        }
    }

    private <F> void dropStep(Program<F> program, ListedStep line) {
        String step = line.name();
        if (!shared(line)) {
            return;
        }
        add(program, kind(line), step, "drop " + step, b -> b.drop(step));
        if (undone(line)) {
            add(program, MutantKind.UNDO, step, "never undo " + step, b -> b.dropUndo(step));
        }
    }

    /** Steps that only steer, or that nobody else can notice, have no order with others. */
    private <F> void swap(Program<F> program, ListedStep first, ListedStep second) {
        boolean block = first.depth() != second.depth() || !moves(first) || !moves(second);
        if (block || givesBack(second, first)) {
            return;
        }
        String change = "swap " + first.name() + " and " + second.name();
        add(program, MutantKind.SWAP, first.name(), second.name(), change, b -> b.swap(first.name(), second.name()));
    }

    private static boolean moves(ListedStep line) {
        return switch (line.kind()) {
            case LOCK, UNLOCK, UNDO, WAIT, CALL -> true;
            case STEP, CHECK -> shared(line);
            default -> false;
        };
    }

    /** True if the second step only makes sense after the first. */
    private static boolean givesBack(ListedStep second, ListedStep first) {
        return second.kind() == Kind.UNLOCK && second.name().startsWith("unlock " + first.name())
                || second.kind() == Kind.UNDO && first.note().endsWith(": " + second.name());
    }

    private static boolean shared(ListedStep line) {
        return !line.footprint().variables().isEmpty() || wakes(line);
    }

    private static boolean undone(ListedStep line) {
        return !line.note().isEmpty();
    }

    private static boolean wakes(ListedStep line) {
        return line.name().startsWith("wake");
    }

    private static MutantKind kind(ListedStep line) {
        String name = line.name();
        if (wakes(line)) {
            return MutantKind.WAKE;
        }
        if (undone(line) || name.contains("++") || name.contains("--")) {
            return MutantKind.REFERENCE;
        }
        return name.contains(" = ") ? MutantKind.FLAG : MutantKind.STEP;
    }

    private <F> void add(
            Program<F> program,
            MutantKind kind,
            String step,
            String change,
            UnaryOperator<ProgramPatch.Builder<F>> edit) {
        add(program, kind, step, "", change, edit);
    }

    private <F> void add(
            Program<F> program,
            MutantKind kind,
            String step,
            String other,
            String change,
            UnaryOperator<ProgramPatch.Builder<F>> edit) {
        String id = program.name() + ": " + change;
        ProgramPatch patch = edit.apply(ProgramPatch.over(program, id)).build();
        patch.apply(program);
        if (mutants.put(id, new Mutant(id, kind, program, step, other, patch)) != null) {
            throw new IllegalStateException("two mutants are called '" + id + "'");
        }
    }
}
