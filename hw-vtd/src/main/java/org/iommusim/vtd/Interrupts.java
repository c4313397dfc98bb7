package org.iommusim.vtd;

import org.iommusim.hw.iommu.InterruptSink;
import org.iommusim.hw.walk.RequestPort;
import org.iommusim.sim.event.Scheduler;
import org.iommusim.sim.memory.PhysicalMemory;
import org.iommusim.vtd.spec.Reg;

/** The three interrupts of a unit: faults and queue errors, completed waits, page requests. */
final class Interrupts {
    /** Names of the interrupts for whoever receives them. */
    static final String FAULT = "fault";

    static final String INV_COMPLETION = "inv-completion";
    static final String PAGE_REQUEST = "page-request";

    private final EventInterrupt fault;
    private final EventInterrupt completion;
    private final EventInterrupt pageRequest;

    Interrupts(Scheduler scheduler, String name, RegisterFile registers, RequestPort port, PhysicalMemory memory) {
        fault = new EventInterrupt(scheduler, name, registers, port, memory, Reg.FECTL, FAULT);
        completion = new EventInterrupt(scheduler, name, registers, port, memory, Reg.IECTL, INV_COMPLETION);
        pageRequest = new EventInterrupt(scheduler, name, registers, port, memory, Reg.PECTL, PAGE_REQUEST);
        registers.connect(this);
    }

    void connect(InterruptSink sink) {
        fault.connect(sink);
        completion.connect(sink);
        pageRequest.connect(sink);
    }

    /** The event of FECTL. */
    EventInterrupt fault() {
        return fault;
    }

    /** The event of IECTL. */
    EventInterrupt completion() {
        return completion;
    }

    /** The event of PECTL. */
    EventInterrupt pageRequest() {
        return pageRequest;
    }
}
