package org.iommusim.sim.program;

import org.iommusim.sim.world.Identified;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.RefCell;
import org.iommusim.sim.world.World;
import org.jspecify.annotations.Nullable;

/** A program in progress: its position, its frame, and what it must take back. */
final class Activation<F> implements Identified {
    /** Executing instructions. */
    static final int FORWARD = 0;
    /** Ended: running the undos that are left. */
    static final int ENDING = 1;

    final Program<F> program;
    final F frame;
    final @Nullable Activation<?> parent;
    final IntCell pc;
    final IntCell error;
    final IntCell mode;
    final RefCell<Pending<F>> undos;
    /** True if this is the undo of a step of the parent, whose answer does not matter. */
    final boolean undoCall;

    private final long id;

    Activation(World world, Call<F> call, @Nullable Activation<?> parent, boolean undoCall) {
        this.program = call.program();
        this.frame = call.frame();
        this.parent = parent;
        this.undoCall = undoCall;
        id = world.nextInstance();
        pc = new IntCell(world, Frame.FRAME, world.nextInstance(), 0);
        error = new IntCell(world, Frame.FRAME, world.nextInstance(), 0);
        mode = new IntCell(world, Frame.FRAME, world.nextInstance(), FORWARD);
        undos = new RefCell<>(world, Frame.FRAME, world.nextInstance());
    }

    void push(Pending<F> pending) {
        undos.set(new Pending<>(pending.id, pending.undo, pending.lock, pending.lockMode, pending.ladder, undos.get()));
    }

    /** Takes the newest undo that must run in the present mode, or {@code null}. */
    @Nullable
    Pending<F> popDue() {
        Pending<F> node = undos.get();
        while (node != null && !node.due(error.get() != 0)) {
            node = node.next;
        }
        undos.set(node == null ? null : node.next);
        return node;
    }

    /** Takes the undo with this id out of the list, or {@code null} if it was not collected. */
    @Nullable
    Pending<F> take(String stepId) {
        for (Pending<F> node = undos.get(); node != null; node = node.next) {
            if (node.id.equals(stepId)) {
                undos.set(Pending.without(undos.get(), node));
                return node;
            }
        }
        return null;
    }

    /** Drops everything down to and including the innermost guard and returns it, or {@code null} without a guard. */
    @Nullable
    Pending<F> popGuard() {
        Pending<F> node = undos.get();
        while (node != null && node.ladder < 0) {
            node = node.next;
        }
        if (node != null) {
            undos.set(node.next);
        }
        return node;
    }

    boolean holdsSpinLock() {
        for (Pending<F> node = undos.get(); node != null; node = node.next) {
            if (node.lock != null && node.lock.kind() == Lock.Kind.SPIN) {
                return true;
            }
        }
        return false;
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

        boolean due(boolean failed) {
            return lock != null || undo != null && (failed || undo.always());
        }

        @Override
        public long stableId() {
            return id.hashCode() * 31L + 1 + (next == null ? 0 : next.stableId() * 131);
        }
    }
}
