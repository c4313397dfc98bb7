package org.iommusim.sim.explore;

import java.util.ArrayDeque;
import java.util.Deque;
import org.iommusim.sim.world.PlainState;
import org.jspecify.annotations.Nullable;

/** Copies of a simulation's plain state at the marks to which it may be taken back. */
final class PlainStack {
    private final PlainState plain;
    private final Deque<Kept> kept = new ArrayDeque<>();
    /** The present state, once somebody has asked for it. */
    private PlainState.@Nullable Saved present;

    PlainStack(PlainState plain) {
        this.plain = plain;
    }

    private record Kept(int mark, PlainState.Saved state) {}

    /** A transition has run. */
    void changed() {
        present = null;
    }

    /** The present state. */
    PlainState.Saved state() {
        PlainState.Saved state = present;
        if (state == null) {
            state = plain.save();
            present = state;
        }
        return state;
    }

    /** Keeps the present state under a mark. */
    void keep(int mark) {
        Kept top = kept.peek();
        if (top == null || top.mark < mark) {
            kept.push(new Kept(mark, state()));
        }
    }

    /** Goes back to a mark at which the state was kept. */
    void undoTo(int mark) {
        while (!kept.isEmpty() && kept.element().mark > mark) {
            kept.pop();
        }
        if (kept.isEmpty() || kept.element().mark != mark) {
            throw new IllegalArgumentException("nothing was kept at mark " + mark);
        }
        PlainState.Saved state = kept.element().state;
        PlainState.Saved now = present;
        if (now == null) {
            plain.restore(state);
        } else {
            plain.restore(state, now);
        }
        present = state;
    }
}
