package org.iommusim.vtd.driver;

import org.iommusim.sim.memory.PageAllocator;
import org.iommusim.sim.memory.PhysicalMemory;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.world.Variable;
import org.iommusim.vtd.spec.VtdVariables;

/** The driver's shared variables, and the footprints that its steps are made of. */
final class Touches {
    /** The invalidation queue: head, tail, how much is free. */
    static final Variable QI = Variable.named("vtd.driver.qi");
    /** Page requests: what the driver knows of their queue, who waits for it to be empty. */
    static final Variable PRQ = Variable.named("vtd.driver.prq");
    /** Domain ids given out. */
    static final Variable IDS = Variable.named("vtd.driver.ids");
    /** Domains: their id, their users, their cache tags, the nested domains on them. */
    static final Variable DOMAIN = Variable.named("vtd.driver.domain");
    /** Devices and what they are attached to. */
    static final Variable DEVICE = Variable.named("vtd.driver.device");
    /** Devices in the fault queue; below what the core knows as such. */
    static final Variable IOPF = Variable.named("device.iopf.vtd");
    /** What probing found and allocated. */
    static final Variable UNIT = Variable.named("vtd.driver.iommu");
    /** A guest driver's own state. */
    static final Variable GUEST = Variable.named("vtd.guest");
    /** What the object model touches when a driver asks it for a vDEVICE or hands it a fault. */
    static final Variable IOMMUFD = Variable.named("iommufd");

    /** Registers, and where the unit's registers of varying place are. */
    static final Footprint MMIO = Footprint.of(VtdVariables.REGISTER, UNIT);
    /** Words of tables and queues, and where they are. */
    static final Footprint WORDS = Footprint.of(PhysicalMemory.WORD, UNIT, DEVICE);
    /** The same with giving out and taking back pages. */
    static final Footprint PAGES = WORDS.and(PhysicalMemory.PAGE, PageAllocator.ALLOCATOR);

    private Touches() {}
}
