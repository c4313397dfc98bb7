package org.iommusim.sim.event;

import org.iommusim.sim.world.Cell;
import org.iommusim.sim.world.Variable;
import org.iommusim.sim.world.World;
import org.jspecify.annotations.Nullable;

/**
 * How far a scheduler is: undone with the world, but neither hashed nor in any footprint, because in an exploration time
 * is a label.
 */
final class Progress extends Cell {
    private static final int NOW = 0;

    private long now;
    private long executed;

    Progress(World world, Variable bookkeeping, long instance) {
        super(world, bookkeeping, instance);
    }

    /** Simulated time, ps. */
    long now() {
        return now;
    }

    /** Events run so far. */
    long executed() {
        return executed;
    }

    /** An event runs that is due at this time; the clock does not go back for it. */
    void run(long duePs) {
        write(Math.max(now, duePs), executed + 1);
    }

    /** It is this time, unless it is later already. */
    void reach(long timePs) {
        write(Math.max(now, timePs), executed);
    }

    private void write(long newNow, long newExecuted) {
        if (watched()) {
            noteWrite(NOW, now, newNow);
            noteWrite(NOW + 1, executed, newExecuted);
        }
        now = newNow;
        executed = newExecuted;
    }

    @Override
    protected long bitsAt(long index) {
        return index == NOW ? now : executed;
    }

    @Override
    protected void restore(long index, long bits, @Nullable Object reference) {
        if (index == NOW) {
            now = bits;
        } else {
            executed = bits;
        }
    }
}
