package org.iommusim.iommufd.object;

import org.iommusim.sim.program.Frame;
import org.iommusim.sim.world.IntCell;

/** Frame of the primitives that work on one object. */
final class ObjectFrame extends Frame {
    /** Cached before the object can go away. */
    final IommufdCtx ctx;

    private final IommufdObject object;
    private final IntCell zero = count();

    ObjectFrame(IommufdObject object) {
        super(object.ctx().kernel().world());
        this.object = object;
        ctx = object.ctx();
    }

    IommufdObject object() {
        return object;
    }

    void zero(boolean value) {
        zero.set(value ? 1 : 0);
    }

    boolean isZero() {
        return zero.get() != 0;
    }
}
