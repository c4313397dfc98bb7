package org.iommusim.smmuv3.driver;

import org.iommusim.sim.memory.PageAllocator;
import org.iommusim.sim.memory.PhysicalMemory;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.world.Variable;
import org.iommusim.smmuv3.spec.SmmuVariables;

/** The driver's shared variables, and the footprints that its steps are made of. */
final class Touches {
    /** Command queue: {@code llq.prod} and what belongs to it. */
    static final Variable CMDQ = Variable.named("smmuv3.driver.cmdq");
    /** Event queue: the driver's copy of its indices. */
    static final Variable EVTQ = Variable.named("smmuv3.driver.evtq");
    /** Bitmaps of ASIDs and VMIDs. */
    static final Variable IDS = Variable.named("smmuv3.driver.ids");
    /** What a domain is: attached masters. */
    static final Variable DOMAIN = Variable.named("smmuv3.driver.domain");
    /** Masters and what they are attached to. */
    static final Variable MASTER = Variable.named("smmuv3.driver.master");
    /** What probing found and allocated. */
    static final Variable DEVICE_DATA = Variable.named("smmuv3.driver.smmu");
    /** A guest driver's own state. */
    static final Variable GUEST = Variable.named("smmuv3.guest");
    /** What the object model touches when a driver asks it for a vDEVICE or hands it an event. */
    static final Variable IOMMUFD = Variable.named("iommufd");

    /** Registers. */
    static final Footprint MMIO = Footprint.of(SmmuVariables.REGISTER);
    /** Words of tables and queues. */
    static final Footprint WORDS = Footprint.of(PhysicalMemory.WORD);
    /** Giving out and taking back pages. */
    static final Footprint PAGES = Footprint.of(PhysicalMemory.WORD, PhysicalMemory.PAGE, PageAllocator.ALLOCATOR);

    private Touches() {}
}
