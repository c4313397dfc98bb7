package org.iommusim.iommufd.mm;

import org.iommusim.iommufd.object.Kernel;
import org.iommusim.sim.memory.PageOwner;

/** Pins on pages. */
final class Pins {
    private Pins() {}

    static void take(Kernel kernel, long[] frames) {
        for (long frame : frames) {
            kernel.memory().pin(frame, 1);
        }
    }

    /** {@code unpin_user_pages}: pages that nobody maps any more are given back with their last pin. */
    static void giveBack(Kernel kernel, long[] frames) {
        for (long frame : frames) {
            kernel.memory().pin(frame, -1);
            if (kernel.memory().pins(frame) == 0 && kernel.memory().owner(frame) == PageOwner.UNMAPPED) {
                kernel.pages().free(frame, 1);
            }
        }
    }
}
