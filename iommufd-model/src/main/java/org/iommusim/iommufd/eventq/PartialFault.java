package org.iommusim.iommufd.eventq;

import org.iommusim.hw.driver.IommuFault;
import org.iommusim.sim.world.Identified;

/** A page request that waits for the last one of its group ({@code struct iopf_fault} on {@code fault_param->partial}). */
record PartialFault(IommuFault fault, long stableId) implements Identified {}
