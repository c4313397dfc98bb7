package org.iommusim.iommufd.policy;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.iommusim.sim.program.Program;

/** The programs that a kernel has at its slots. Immutable; kernels are put together from sets that they share. */
public final class ProgramSet {
    /** No program. */
    public static final ProgramSet EMPTY = new ProgramSet(new LinkedHashMap<>());

    private final Map<ProgramSlot<?>, Program<?>> programs;

    private ProgramSet(Map<ProgramSlot<?>, Program<?>> programs) {
        this.programs = programs;
    }

    /** This set with a program at a slot that was empty. */
    public <F> ProgramSet with(ProgramSlot<F> slot, Program<F> program) {
        return put(slot, program);
    }

    /** This set and another one; no slot may be filled by both. */
    public ProgramSet and(ProgramSet other) {
        ProgramSet all = this;
        for (Map.Entry<ProgramSlot<?>, Program<?>> entry : other.programs.entrySet()) {
            all = all.put(entry.getKey(), entry.getValue());
        }
        return all;
    }

    private ProgramSet put(ProgramSlot<?> slot, Program<?> program) {
        Map<ProgramSlot<?>, Program<?>> more = new LinkedHashMap<>(programs);
        if (more.put(slot, Objects.requireNonNull(program, slot.name())) != null) {
            throw new IllegalArgumentException("two programs of " + slot.name());
        }
        return new ProgramSet(more);
    }

    /** The program at a slot, if this kernel has one there. */
    @SuppressWarnings("unchecked") // with() put a program of the slot's own frame type there
    public <F> Optional<Program<F>> find(ProgramSlot<F> slot) {
        return Optional.ofNullable((Program<F>) programs.get(slot));
    }

    /** The program at a slot that every kernel fills. */
    public <F> Program<F> get(ProgramSlot<F> slot) {
        return find(slot).orElseThrow(() -> new IllegalStateException("no program of " + slot.name()));
    }
}
