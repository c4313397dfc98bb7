package org.iommusim.hw.driver;

import org.iommusim.sim.program.Call;

/** A driver's part of a hardware queue object. */
public interface HwQueue {
    /** {@code hw_queue->destroy}: the hardware stops reading the queue. */
    Call<?> destroy();
}
