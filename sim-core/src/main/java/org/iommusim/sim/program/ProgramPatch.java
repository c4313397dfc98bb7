package org.iommusim.sim.program;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * A named change of a program: a lock left out, a reference not taken, two steps the wrong way round. A simulation that is
 * made with patches ({@link org.iommusim.sim.Simulation.Builder#patches}) applies them where a task starts a program of
 * that name; the program itself stays as it is, and the models know nothing of it.
 *
 * <p>Steps are called as the program's listing calls them ({@link ProgramListing}): by their ids; an unlock or a put in
 * mid-program by what it gives back ({@code unlock igroup->lock}). Jumps stay right: a step that is put before or behind
 * another one belongs to the same block as that one, and if a step is taken out, whoever jumped to it goes on with what
 * follows.
 *
 * <p>{@link #to} changes any program of a name, by operations that need not know its frame. {@link #over} is for bodies
 * that do: it is written beside the program, where the frame's class can be seen, and refuses any other program of the
 * same name.
 */
public final class ProgramPatch {
    private final String name;
    private final String program;
    private final List<Program<?>> over;
    private final List<Consumer<EditableCode<Object>>> edits;

    private ProgramPatch(Builder<?> builder) {
        this.name = builder.name;
        this.program = builder.program;
        this.over = List.copyOf(builder.over);
        this.edits = List.copyOf(builder.edits);
    }

    /** Starts a change of every program that is called {@code program}. */
    public static Builder<Object> to(String program, String name) {
        return new Builder<>(name, program, List.of());
    }

    /** Starts a change of one program, whose frame it knows. */
    public static <F> Builder<F> over(Program<F> program, String name) {
        return new Builder<>(name, program.name(), List.of(program));
    }

    /** What the patch is called, e.g. {@code VDEVICE_ALLOC: drop lock igroup->lock}. */
    public String name() {
        return name;
    }

    /** The name of the program that it changes. */
    public String program() {
        return program;
    }

    /** True if it is written for this program. */
    public boolean isFor(Program<?> subject) {
        return program.equals(subject.name()) && (over.isEmpty() || over.contains(subject));
    }

    /**
     * The program with the change.
     *
     * @throws IllegalArgumentException with one line if it has no such step, or if the patch is for another program
     */
    public <F> Program<F> apply(Program<F> subject) {
        return apply(subject, subject);
    }

    /**
     * Adds the change to others.
     *
     * @param written the program as it is written
     * @param changed the same with the patches before this one
     */
    @SuppressWarnings("unchecked") // edits that use the frame are made for this very program
    <F> Program<F> apply(Program<F> written, Program<F> changed) {
        if (!isFor(written)) {
            throw new IllegalArgumentException(
                    "patch '" + name + "' is not written for this program called '" + written.name() + "'");
        }
        EditableCode<F> code = EditableCode.of("patch '" + name + "': " + program, changed.code());
        edits.forEach(edit -> edit.accept((EditableCode<Object>) code));
        return new Program<>(changed.name(), code.code());
    }

    /** The same patch, which also tells when it is applied: the program was started. */
    public ProgramPatch telling(Runnable whenApplied) {
        Builder<Object> told = new Builder<>(name, program, over);
        told.edits.addAll(edits);
        told.edits.add(code -> whenApplied.run());
        return told.build();
    }

    @Override
    public String toString() {
        return name;
    }

    /**
     * Collects the operations of a patch; they are applied in this order.
     *
     * @param <F> type of the frame
     */
    public static final class Builder<F> {
        private final String name;
        private final String program;
        private final List<Program<?>> over;
        private final List<Consumer<EditableCode<Object>>> edits = new ArrayList<>();

        private Builder(String name, String program, List<Program<?>> over) {
            this.name = name;
            this.program = program;
            this.over = new ArrayList<>(over);
        }

        /** Allows another program of the same name with the same frame, e.g. that of another policy. */
        public Builder<F> andOver(Program<F> another) {
            over.add(another);
            return this;
        }

        /** Leaves out a step with its undo, a call, a wait, a wake-up, an unlock in mid-program, a keep. */
        public Builder<F> drop(String step) {
            return edit(code -> {
                refuseIf(Jumps.steers(code.instruction(step)), step, "begins or ends a block");
                code.remove(step);
            });
        }

        /** Leaves out a lock; its unlocks then do nothing. */
        public Builder<F> dropLock(String lock) {
            return edit(code -> {
                refuseIf(!(code.instruction(lock) instanceof Instruction.Acquire<F>), lock, "is not a lock");
                code.remove(lock);
            });
        }

        /** Leaves out what takes the effect of a step back, or never releases a lock. */
        public Builder<F> dropUndo(String step) {
            return edit(code -> {
                if (code.instruction(step) instanceof Instruction.Acquire<F>) {
                    code.insertAfter(step, List.of(new Instruction.Keep<>(step)));
                } else {
                    Instruction.Step<F> taking = taking(code, step);
                    code.replace(step, withUndo(taking, null));
                }
            });
        }

        /** Runs an undo at other ends of the program than it is written for. */
        public Builder<F> undoAt(String step, Undo.When when) {
            return edit(code -> {
                Instruction.Step<F> taking = taking(code, step);
                Undo<F> undo = taking.undo();
                code.replace(step, withUndo(taking, undo == null ? null : undo.at(when)));
            });
        }

        /** Takes the effect of a step back in another way, or for the first time. */
        public Builder<F> replaceUndo(String step, Undo<F> undo) {
            return edit(code -> code.replace(step, withUndo(step(code, step), undo)));
        }

        /** Does a step before another one. */
        public Builder<F> moveBefore(String step, String other) {
            return edit(code -> code.moveBefore(step, other));
        }

        /** Does a step right after another one. */
        public Builder<F> moveAfter(String step, String other) {
            return edit(code -> code.moveAfter(step, other));
        }

        /** Does two steps that follow each other the other way round. */
        public Builder<F> swap(String first, String second) {
            return edit(code -> {
                refuseIf(!code.neighbours(first, second), first, "is not the only way to '" + second + "'");
                code.moveBefore(second, first);
            });
        }

        /** Does more before a step. */
        public Builder<F> insertBefore(String step, Consumer<Program.Builder<F>> block) {
            return edit(code -> code.insertBefore(step, Program.fragment(program, block)));
        }

        /** Does more right after a step; right after a branch means where its condition holds. */
        public Builder<F> insertAfter(String step, Consumer<Program.Builder<F>> block) {
            return edit(code -> code.insertAfter(step, Program.fragment(program, block)));
        }

        /** Does something else instead of a step; its undo goes with it. */
        public Builder<F> replace(String step, Consumer<Program.Builder<F>> block) {
            return insertBefore(step, block).drop(step);
        }

        /** Does something else in a step, which keeps its undo. */
        public Builder<F> replaceBody(String step, Footprint footprint, ToIntFunction<F> body) {
            return edit(code -> {
                Instruction.Step<F> old = step(code, step);
                code.replace(step, new Instruction.Step<>(step, footprint, old.cost(), body, old.undo()));
            });
        }

        /** Decides a branch, a loop or a wait by something else. */
        public Builder<F> replaceCondition(String step, Predicate<F> condition) {
            return edit(code -> code.replace(step, WithCondition.of(code.instruction(step), condition)));
        }

        /** Takes a branch whatever its condition says; a wait does not sleep. */
        public Builder<F> always(String branch) {
            return replaceCondition(branch, f -> true);
        }

        /** Never takes a branch; a wait ends at its timeout only. */
        public Builder<F> never(String branch) {
            return replaceCondition(branch, f -> false);
        }

        /** Takes another lock. */
        public Builder<F> replaceLock(String lock, Function<F, Lock> another) {
            return edit(code -> {
                if (code.instruction(lock) instanceof Instruction.Acquire<F> old) {
                    code.replace(lock, new Instruction.Acquire<>(lock, another, old.mode()));
                } else {
                    refuseIf(true, lock, "is not a lock");
                }
            });
        }

        /** Takes a reader-writer semaphore in another mode. */
        public Builder<F> lockMode(String lock, Lock.Mode mode) {
            return edit(code -> {
                if (code.instruction(lock) instanceof Instruction.Acquire<F> old) {
                    code.replace(lock, new Instruction.Acquire<>(lock, old.lock(), mode));
                } else {
                    refuseIf(true, lock, "is not a lock");
                }
            });
        }

        /** Sleeps in another mode: which wakes reach it changes. */
        public Builder<F> sleep(String wait, WaitQueue.Sleep mode) {
            return edit(code -> {
                Instruction.Await<F> old = await(code, wait);
                code.replace(
                        wait,
                        new Instruction.Await<>(
                                wait,
                                old.footprint(),
                                old.queue(),
                                mode,
                                old.until(),
                                old.timeoutPs(),
                                old.onTimeout()));
            });
        }

        /** Waits at most {@code ps}; what happens then stays as it is. */
        public Builder<F> timeout(String wait, long ps) {
            return edit(code -> {
                Instruction.Await<F> old = await(code, wait);
                code.replace(
                        wait,
                        new Instruction.Await<>(
                                wait, old.footprint(), old.queue(), old.mode(), old.until(), f -> ps, old.onTimeout()));
            });
        }

        /** Waits for ever. */
        public Builder<F> noTimeout(String wait) {
            return edit(code -> {
                Instruction.Await<F> old = await(code, wait);
                code.replace(
                        wait,
                        new Instruction.Await<>(
                                wait, old.footprint(), old.queue(), old.mode(), old.until(), null, old.onTimeout()));
            });
        }

        /** Finishes the patch. */
        public ProgramPatch build() {
            return new ProgramPatch(this);
        }

        @SuppressWarnings("unchecked") // see apply
        private Builder<F> edit(Consumer<EditableCode<F>> change) {
            edits.add(code -> change.accept((EditableCode<F>) (EditableCode<?>) code));
            return this;
        }

        private Instruction.Step<F> step(EditableCode<F> code, String id) {
            if (code.instruction(id) instanceof Instruction.Step<F> step) {
                return step;
            }
            throw refusal(id, "is not a step with a body");
        }

        private Instruction.Step<F> taking(EditableCode<F> code, String id) {
            Instruction.Step<F> step = step(code, id);
            refuseIf(step.undo() == null, id, "has no undo");
            return step;
        }

        private Instruction.Await<F> await(EditableCode<F> code, String id) {
            if (code.instruction(id) instanceof Instruction.Await<F> await) {
                return await;
            }
            throw refusal(id, "does not wait");
        }

        private static <F> Instruction.Step<F> withUndo(Instruction.Step<F> step, @Nullable Undo<F> undo) {
            return new Instruction.Step<>(step.id(), step.footprint(), step.cost(), step.body(), undo);
        }

        private void refuseIf(boolean wrong, String step, String why) {
            if (wrong) {
                throw refusal(step, why);
            }
        }

        private IllegalArgumentException refusal(String step, String why) {
            return new IllegalArgumentException("patch '" + name + "': " + program + ": '" + step + "' " + why);
        }
    }
}
