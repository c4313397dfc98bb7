package org.iommusim.sim.program;

import java.util.ArrayList;
import java.util.List;
import org.iommusim.sim.world.Identified;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.Mix;
import org.iommusim.sim.world.RefCell;
import org.iommusim.sim.world.World;
import org.jspecify.annotations.Nullable;

/** A program in progress: its position, its frame, and what it must take back. */
final class Activation<F> implements Identified {
    private static final int FORWARD = 0;
    private static final int ENDING = 1;

    final Program<F> program;
    final F frame;
    final @Nullable Activation<?> parent;
    final IntCell pc;
    final IntCell error;
    private final IntCell mode;
    private final RefCell<Pending<F>> undos;
    /** True if this is the undo of a step of the parent, whose answer does not matter. */
    final boolean undoCall;

    private final long id;

    Activation(World world, Call<F> call, @Nullable Activation<?> parent, boolean undoCall) {
        this.program = call.program();
        this.frame = call.frame();
        this.parent = parent;
        this.undoCall = undoCall;
        id = world.journaling() ? identity(world.nextScratch(), call) : world.nextScratch();
        pc = new IntCell(world, Frame.FRAME, world.nextScratch(), 0);
        error = new IntCell(world, Frame.FRAME, world.nextScratch(), 0);
        mode = new IntCell(world, Frame.FRAME, world.nextScratch(), FORWARD);
        undos = new RefCell<>(world, Frame.FRAME, world.nextScratch());
    }

    /** Number, program and arguments: a state in which the same task calls something else must not look the same. */
    private static long identity(long number, Call<?> call) {
        return Mix.mix(number + 31L * call.program().name().hashCode() + FrameArguments.weigh(call.frame())) | 1;
    }

    void push(Pending<F> pending) {
        undos.set(new Pending<>(pending.id, pending.undo, pending.lock, pending.lockMode, pending.ladder, undos.get()));
    }

    /** True while instructions are executed; false when only undos are left. */
    boolean forward() {
        return mode.get() == FORWARD;
    }

    /** The instruction at the program counter; only while {@link #forward}. */
    Instruction<F> instruction() {
        return program.code().get(pc.get());
    }

    /** Ends with success: the undos that always run are left. */
    void finish() {
        mode.set(ENDING);
    }

    /** Ends with an error: the innermost ladder is next, or else all undos. */
    void fail(int errno) {
        error.set(errno);
        if (!enterLadder()) {
            mode.set(ENDING);
        }
    }

    /** The program that was invoked here ended: go on, or fail. */
    void answered(int errno) {
        if (!(instruction() instanceof Instruction.Invoke<F> invoke)) {
            throw new IllegalStateException(program + " gets an answer that it did not ask for");
        }
        pc.add(1);
        if (invoke.answer() != null) {
            invoke.answer().accept(frame, errno);
        } else if (errno != 0) {
            fail(errno);
        }
    }

    /**
     * Carries out all instructions that only steer. Afterwards there is an undo to run now (the answer), or the
     * instruction at the program counter is a step, or the program is over.
     *
     * @throws IllegalStateException if a loop has no step: nothing can ever end it
     */
    @Nullable
    Pending<F> settle() {
        for (int steered = 0; forward(); steered++) {
            if (steered > program.code().size()) {
                throw new IllegalStateException(program + " goes round for ever");
            }
            if (pc.get() == program.code().size()) {
                finish();
            } else if (instruction() instanceof Instruction.UndoNow<F> now) {
                pc.add(1);
                Pending<F> undo = take(now.id());
                if (undo != null) {
                    return undo;
                }
            } else if (!steer(instruction())) {
                return null;
            }
        }
        return takeDue();
    }

    /** Carries out an instruction that only steers; false if it is a step. */
    private boolean steer(Instruction<F> instruction) {
        int next = pc.get() + 1;
        if (instruction instanceof Instruction.Jump<F> jump) {
            next = jump.target();
        } else if (instruction instanceof Instruction.Unless<F> unless) {
            next = unless.condition().test(frame) ? next : unless.orElse();
        } else if (instruction instanceof Instruction.BeginGuard<F> guard) {
            push(Pending.guard(guard.id(), guard.ladder()));
        } else if (instruction instanceof Instruction.EndGuard<F>) {
            undos.set(Pending.without(undos.get(), innermostGuard()));
        } else if (instruction instanceof Instruction.Keep<F> keep) {
            take(keep.id());
        } else if (instruction instanceof Instruction.Rethrow<F>) {
            fail(error.get());
            return true;
        } else {
            return false;
        }
        pc.set(next);
        return true;
    }

    /** Takes the newest undo that must run in the present mode, or {@code null}. */
    private @Nullable Pending<F> takeDue() {
        Pending<F> node = undos.get();
        while (node != null && !node.due(error.get() != 0)) {
            node = node.next;
        }
        undos.set(node == null ? null : node.next);
        return node;
    }

    /** Takes the undo with this id out of the list, or {@code null} if it was not collected. */
    private @Nullable Pending<F> take(String stepId) {
        for (Pending<F> node = undos.get(); node != null; node = node.next) {
            if (node.id.equals(stepId)) {
                undos.set(Pending.without(undos.get(), node));
                return node;
            }
        }
        return null;
    }

    /**
     * Goes to the innermost ladder, if there is one. What was collected since its guard is dropped: the ladder says how to
     * take it back. But a lock stays held until the ladder, or the end, releases it.
     */
    private boolean enterLadder() {
        Pending<F> guard = undos.get();
        List<Pending<F>> locks = new ArrayList<>();
        while (guard != null && guard.ladder < 0) {
            if (guard.lock != null) {
                locks.add(guard);
            }
            guard = guard.next;
        }
        if (guard == null) {
            return false;
        }
        undos.set(guard.next);
        for (int i = locks.size() - 1; i >= 0; i--) {
            push(locks.get(i));
        }
        pc.set(guard.ladder);
        return true;
    }

    private Pending<F> innermostGuard() {
        for (Pending<F> node = undos.get(); node != null; node = node.next) {
            if (node.ladder >= 0) {
                return node;
            }
        }
        throw new IllegalStateException(program + " ends a guard that it did not begin");
    }

    @Override
    public long stableId() {
        return id;
    }

    /** One collected undo, a held lock, or a guard; an immutable list. */
    static final class Pending<F> implements Identified {
        final String id;
        final @Nullable Undo<F> undo;
        final @Nullable Lock lock;
        final Lock.Mode lockMode;
        final int ladder;
        final @Nullable Pending<F> next;

        private Pending(
                String id,
                @Nullable Undo<F> undo,
                @Nullable Lock lock,
                Lock.Mode lockMode,
                int ladder,
                @Nullable Pending<F> next) {
            this.id = id;
            this.undo = undo;
            this.lock = lock;
            this.lockMode = lockMode;
            this.ladder = ladder;
            this.next = next;
        }

        static <F> Pending<F> undo(String id, Undo<F> undo) {
            return new Pending<>(id, undo, null, Lock.Mode.WRITE, -1, null);
        }

        static <F> Pending<F> lock(String id, Lock lock, Lock.Mode mode) {
            return new Pending<>(id, null, lock, mode, -1, null);
        }

        static <F> Pending<F> guard(String id, int ladder) {
            return new Pending<>(id, null, null, Lock.Mode.WRITE, ladder, null);
        }

        static <F> @Nullable Pending<F> without(@Nullable Pending<F> list, Pending<F> gone) {
            if (list == null || list == gone) {
                return list == null ? null : list.next;
            }
            return new Pending<>(list.id, list.undo, list.lock, list.lockMode, list.ladder, without(list.next, gone));
        }

        /** What running it does, for messages. */
        String what() {
            return undo != null ? undo.id() : "unlock " + lock;
        }

        boolean due(boolean failed) {
            return lock != null || undo != null && undo.when().includes(failed);
        }

        @Override
        public long stableId() {
            return id.hashCode() * 31L + 1 + (next == null ? 0 : next.stableId() * 131);
        }
    }
}
