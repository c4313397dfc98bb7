package org.iommusim.hw.contract;

import org.iommusim.sim.Simulation;

/** One way in which a vendor's IOMMU translates: how a bed for it is made. */
@FunctionalInterface
public interface Vendor {
    /** A fresh machine, programmed except that translation is off; translation requests and page requests are possible. */
    VendorBed bed(Simulation simulation);

    /** A machine with checks, in time. */
    default VendorBed bed() {
        return bed(Simulation.seeded(1).checks(true).build());
    }

    /** A machine with checks whose interleavings are explored. */
    default VendorBed exploring() {
        return bed(Simulation.seeded(1).checks(true).exploring(true).build());
    }
}
