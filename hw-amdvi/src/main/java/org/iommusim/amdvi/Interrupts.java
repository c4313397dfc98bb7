package org.iommusim.amdvi;

import org.iommusim.amdvi.spec.Reg;
import org.iommusim.hw.iommu.InterruptSink;
import org.iommusim.hw.walk.RequestPort;
import org.iommusim.sim.event.Scheduler;
import org.iommusim.sim.memory.PhysicalMemory;

/** The interrupts of a unit: that of events and completed waits, that of page requests, and that of interrupts for guests. */
final class Interrupts {
    /** Name of the interrupt of events and completed waits for whoever receives it. */
    static final String EVENTS = "event-log";

    /** Name of the interrupt of page requests. */
    static final String PAGES = "ppr-log";

    /** Name of the interrupt of the guest virtual APIC log. */
    static final String GUESTS = "ga-log";

    private final UnitInterrupt events;
    private final UnitInterrupt pages;
    private final UnitInterrupt guests;

    Interrupts(Scheduler scheduler, String name, RegisterFile registers, RequestPort port, PhysicalMemory memory) {
        events = new UnitInterrupt(scheduler, name, registers, port, memory, Reg.XT_GEN_INT, EVENTS);
        pages = new UnitInterrupt(scheduler, name, registers, port, memory, Reg.XT_PPR_INT, PAGES);
        guests = new UnitInterrupt(scheduler, name, registers, port, memory, Reg.XT_GA_INT, GUESTS);
    }

    void connect(InterruptSink sink) {
        events.connect(sink);
        pages.connect(sink);
        guests.connect(sink);
    }

    /** That of the event log and of COMPLETION_WAIT. */
    UnitInterrupt events() {
        return events;
    }

    /** That of the PPR log. */
    UnitInterrupt pages() {
        return pages;
    }

    /** That of the guest virtual APIC log. */
    UnitInterrupt guests() {
        return guests;
    }
}
