package org.iommusim.hw.provider;

import org.iommusim.sim.Simulation;
import org.iommusim.sim.memory.MemoryPort;
import org.iommusim.sim.memory.PageAllocator;
import org.iommusim.sim.memory.PhysicalMemory;

/**
 * The machine around an IOMMU.
 *
 * @param simulation time, cells, statistics, trace
 * @param memory what is in physical memory
 * @param port the device's way to memory
 * @param pages where its driver gets pages for tables and queues
 */
public record IommuHost(Simulation simulation, PhysicalMemory memory, MemoryPort port, PageAllocator pages) {}
