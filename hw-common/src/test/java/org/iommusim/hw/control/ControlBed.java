package org.iommusim.hw.control;

import org.iommusim.hw.walk.BusFaults;
import org.iommusim.hw.walk.RequestPort;
import org.iommusim.sim.Simulation;
import org.iommusim.sim.event.Lane;
import org.iommusim.sim.event.Phase;
import org.iommusim.sim.memory.MemoryPort;
import org.iommusim.sim.memory.MemoryTiming;
import org.iommusim.sim.memory.PageOwner;
import org.iommusim.sim.memory.PhysicalMemory;
import org.iommusim.sim.resource.WakeRule;
import org.iommusim.sim.stats.Statistics;
import org.iommusim.sim.time.ClockDomain;

/** A port to 1 MiB of memory from address 0 on: a cycle and an access take 1 ns each. */
final class ControlBed {
    static final long END = 1 << 20;

    final Simulation sim = Simulation.seeded(1).build();
    final PhysicalMemory memory = new PhysicalMemory(sim.world(), sim.violations(), 1L << 40);
    final ClockDomain clock = new ClockDomain(1000);
    final RequestPort port;
    final Lane lane = sim.scheduler().newLane("control", Phase.HARDWARE);
    final BusFaults busFaults = new BusFaults(sim.world());
    final Statistics statistics = sim.statistics().under("iommu0");

    ControlBed() {
        memory.addRam(0, END, PageOwner.UNTRACKED);
        MemoryPort memoryPort = new MemoryPort(sim.scheduler(), "memory", MemoryTiming.fixed(1000));
        port = new RequestPort(sim.scheduler(), "port", clock, 64, WakeRule.HAND_OVER, memoryPort);
        port.faults(busFaults);
    }

    void run() {
        sim.scheduler().run();
    }
}
