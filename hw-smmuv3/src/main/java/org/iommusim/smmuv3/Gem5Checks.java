package org.iommusim.smmuv3;

import org.iommusim.hw.walk.Access;
import org.iommusim.hw.walk.StageParameters;
import org.iommusim.smmuv3.format.Vmsav8;

/**
 * What a device looks at in tables: all that the architecture has, or, with gem5's defects, what gem5 looks at. That is
 * valid bits, and whether a leaf may be written; no reads, privileges, execution, access flags, attributes in tables,
 * hardware updates, and a run of contiguous entries with a wrong address.
 */
final class Gem5Checks {
    private static final int IGNORED = Vmsav8.HA | Vmsav8.HD | Vmsav8.EPD | Vmsav8.PAN | Vmsav8.WXN;
    private static final int ASSUMED = Vmsav8.AFFD | Vmsav8.HAD | Vmsav8.FAULTY_RUNS;

    private final boolean quirks;
    private final boolean shortRuns;

    Gem5Checks(Smmuv3Parameters p) {
        quirks = p.flag("gem5_quirks");
        shortRuns = p.flag("short_runs");
    }

    /** Changes a stage's configuration, as the STE or CD says it, to what the device makes of it. */
    void adapt(StageParameters stage) {
        if (shortRuns) {
            stage.flags |= Vmsav8.SHORT_RUNS;
        }
        if (quirks) {
            stage.flags = stage.flags & ~IGNORED | ASSUMED;
        }
    }

    /** The access of a transaction that is checked. */
    int access(Flight flight) {
        if (quirks) {
            return flight.request().write() ? Access.WRITE | Access.PRIVILEGED : 0;
        }
        return flight.access(flight.config.privCfg, flight.config.instCfg);
    }
}
