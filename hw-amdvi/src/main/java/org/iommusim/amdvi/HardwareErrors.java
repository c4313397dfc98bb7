package org.iommusim.amdvi;

import org.iommusim.amdvi.spec.Event;
import org.iommusim.sim.memory.PhysicalMemory;

/** What the record of a hardware error says of the access that failed: flags in place. */
final class HardwareErrors {
    /** Nobody answered: there is no memory. */
    static final long MASTER_ABORT = Event.HW_TYPE.with(0, Event.HW_MASTER_ABORT);

    /** Memory is there, and refused. */
    static final long TARGET_ABORT = Event.HW_TYPE.with(0, Event.HW_TARGET_ABORT);

    private HardwareErrors() {}

    /** Why an access to an address failed. */
    static long at(PhysicalMemory memory, long address) {
        return memory.present(address) ? TARGET_ABORT : MASTER_ABORT;
    }
}
