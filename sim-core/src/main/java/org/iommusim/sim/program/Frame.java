package org.iommusim.sim.program;

import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.LongCell;
import org.iommusim.sim.world.RefCell;
import org.iommusim.sim.world.Variable;
import org.iommusim.sim.world.World;

/** Parameters, locals and results of a program's activation. Locals that change live in cells made here. */
public abstract class Frame {
    /**
     * The variable of all frame cells: private to one task, so never a reason for two steps to conflict, and meaningless when
     * the task's outermost program has ended.
     */
    public static final Variable FRAME = Variable.scratch("frame");

    private final World world;

    /** Makes a frame whose cells belong to {@code world}. */
    protected Frame(World world) {
        this.world = world;
    }

    /** The world of the frame's cells. */
    public final World world() {
        return world;
    }

    /** A local reference, {@code null} at first. */
    protected final <T> RefCell<T> ref() {
        return new RefCell<>(world, FRAME, world.nextScratch());
    }

    /** A local number, 0 at first. */
    protected final LongCell num() {
        return new LongCell(world, FRAME, world.nextScratch(), 0);
    }

    /** A local int, 0 at first. */
    protected final IntCell count() {
        return new IntCell(world, FRAME, world.nextScratch(), 0);
    }
}
