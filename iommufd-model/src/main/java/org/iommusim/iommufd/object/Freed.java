package org.iommusim.iommufd.object;

import org.iommusim.sim.program.FreedBy;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.RefCell;
import org.iommusim.sim.world.Variable;
import org.jspecify.annotations.Nullable;

/**
 * Whether the memory of something was given back, and by whom. Whoever touches it afterwards is reported with both: who
 * touches, and who freed.
 */
public final class Freed {
    /** Only for messages: tells no states apart. */
    private static final Variable BY = Variable.unhashed("check.freed-by");

    private final Kernel kernel;
    private final IntCell freed;
    private final RefCell<FreedBy> by;

    /**
     * The mark of memory that is in use.
     *
     * @param variable of the mark; a step that frees or touches declares it
     * @param instance whose memory it is, among the cells of that variable
     */
    public Freed(Kernel kernel, Variable variable, long instance) {
        this.kernel = kernel;
        freed = new IntCell(kernel.world(), variable, instance, 0);
        by = new RefCell<>(kernel.world(), BY, instance);
    }

    /** True when it was given back. */
    public boolean is() {
        return freed.get() != 0;
    }

    /** Gives it back. */
    public void set() {
        freed.set(1);
        by.set(kernel.simulation().checkers().freedBy());
    }

    /** It is in use again. */
    public void clear() {
        freed.set(0);
        by.set(null);
    }

    /** Who gave it back; {@code null} while it is in use. */
    public @Nullable FreedBy by() {
        return by.get();
    }

    /** Reports a use of freed memory. */
    public void touch(String how, Object what) {
        if (is()) {
            report(how + " touches " + what + " after kfree");
        }
    }

    /** Reports a use after the end, in words. */
    public void report(String use) {
        FreedBy culprit = by.get();
        kernel.simulation().violations().report(Kernel.USE_AFTER_FREE, use + (culprit == null ? "" : " " + culprit));
    }
}
