package org.iommusim.amdvi.driver;

import org.iommusim.amdvi.spec.AmdViVariables;
import org.iommusim.sim.memory.PageAllocator;
import org.iommusim.sim.memory.PhysicalMemory;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.world.Variable;

/** The driver's shared variables, and the footprints that its steps are made of. */
final class Touches {
    /** The command buffer: its tail, the last sequence number, whether a wait is needed. */
    static final Variable COMMANDS = Variable.named("amdvi.driver.commands");
    /** Where the logs are. */
    static final Variable LOGS = Variable.named("amdvi.driver.logs");
    /** Domain ids given out. */
    static final Variable IDS = Variable.named("amdvi.driver.ids");
    /** Domains: their devices, the vIOMMUs on them. */
    static final Variable DOMAIN = Variable.named("amdvi.driver.domain");
    /** Devices and what they are attached to. */
    static final Variable DEVICE = Variable.named("amdvi.driver.device");
    /** Which host domain id stands for a guest's. */
    static final Variable GDOMIDS = Variable.named("amdvi.driver.gdomids");
    /** Devices in the fault queue; below what the core knows as such. */
    static final Variable IOPF = Variable.named("device.iopf.amdvi");
    /** What probing found and allocated. */
    static final Variable UNIT = Variable.named("amdvi.driver.iommu");
    /** A guest driver's own state. */
    static final Variable GUEST = Variable.named("amdvi.guest");
    /** What the object model touches when a driver asks it for a vDEVICE or hands it a fault. */
    static final Variable IOMMUFD = Variable.named("iommufd");

    /** Registers, and what is known of them. */
    static final Footprint MMIO = Footprint.of(AmdViVariables.REGISTER, UNIT);
    /** Words of tables and queues, and where they are. */
    static final Footprint WORDS = Footprint.of(PhysicalMemory.WORD, UNIT, DEVICE);
    /** The same with giving out and taking back pages. */
    static final Footprint PAGES = WORDS.and(PhysicalMemory.PAGE, PageAllocator.ALLOCATOR);
    /** The command buffer and its registers. */
    static final Footprint QUEUE = Footprint.of(COMMANDS, AmdViVariables.REGISTER, PhysicalMemory.WORD, UNIT);

    private Touches() {}
}
