package org.iommusim.smmuv3;

import org.iommusim.hw.cache.TaggedCache;
import org.iommusim.hw.check.CachedSources;
import org.iommusim.hw.check.Source;
import org.iommusim.hw.check.SourceKind;
import org.iommusim.hw.check.StaleUseChecker;
import org.iommusim.hw.check.Trail;
import org.iommusim.hw.dma.AddressType;
import org.iommusim.sim.Simulation;
import org.iommusim.sim.memory.PhysicalMemory;
import org.iommusim.smmuv3.spec.Cmd;
import org.iommusim.smmuv3.spec.IdRegs;
import org.jspecify.annotations.Nullable;

/** What the parts of an SMMU tell the stale-use checker; without a checker all of it does nothing. */
final class StaleUse {
    private final @Nullable StaleUseChecker checker;
    private final IdRegs ids;

    StaleUse(String device, Simulation sim, PhysicalMemory memory, IdRegs ids) {
        checker = StaleUseChecker.of(device, sim, memory);
        this.ids = ids;
    }

    @Nullable
    StaleUseChecker checker() {
        return checker;
    }

    /** Keeps the sources of a cache's entries. */
    @Nullable
    CachedSources cache(TaggedCache cache) {
        return checker == null ? null : checker.cache(cache);
    }

    /** A new flight with its walk. */
    void attach(Flight flight) {
        if (checker != null) {
            flight.trail = checker.newTrail();
            flight.walk().trail(flight.trail);
        }
    }

    /** A flight's translation begins, again perhaps. */
    void begin(Flight flight) {
        Trail trail = flight.trail;
        if (trail != null) {
            trail.begin(flight.sid, flight.ssid, flight.iova);
        }
    }

    /** A flight has read words of its configuration. */
    void read(Flight flight, SourceKind kind, boolean leaf, long address, long... words) {
        Trail trail = flight.trail;
        if (trail != null && checker != null) {
            for (int i = 0; i < words.length; i++) {
                trail.read(new Source(kind, leaf, address + 8L * i, words[i], checker.now(), 0, -1));
            }
        }
    }

    /** A flight is about to walk, for the address of its CD or for its own. */
    void tables(Flight flight, int asid, boolean stage1) {
        Trail trail = flight.trail;
        if (trail != null) {
            trail.tables(stage1 && flight.config.el2() ? CommandPromise.EL2 : flight.config.vmid, asid, stage1);
        }
    }

    /** A flight's answer holds in all address spaces, or not. */
    void everywhere(Flight flight, boolean global) {
        Trail trail = flight.trail;
        if (trail != null) {
            trail.everywhere(global);
        }
    }

    /** A flight's answer leaves the SMMU, or its access is carried out. */
    void used(Flight flight) {
        Trail trail = flight.trail;
        if (trail != null && checker != null) {
            checker.used(trail);
            usedByDevice(flight);
        }
    }

    /** A translation request is answered: the device has what the flight has found. */
    void answered(Flight flight) {
        Trail trail = flight.trail;
        Trail inDevice = flight.request().trail();
        if (trail != null && checker != null) {
            checker.used(trail);
            if (inDevice != null) {
                inDevice.handOver(trail);
            }
        }
    }

    /** An access with a device's own translation is carried out. */
    private void usedByDevice(Flight flight) {
        Trail inDevice = flight.request().trail();
        if (checker != null && inDevice != null && flight.type == AddressType.TRANSLATED) {
            checker.used(inDevice);
        }
    }

    /** A flight is over. */
    void end(Flight flight) {
        Trail trail = flight.trail;
        if (trail != null) {
            trail.begin(0, -1, 0);
        }
    }

    /** An invalidation command is about to take effect. */
    void issued(long w0, long w1) {
        if (checker != null) {
            checker.issued(new CommandPromise(w0, w1, ids));
        }
    }

    /** A CMD_SYNC is about to say that everything before it is complete. */
    void completed(long w0, long w1) {
        if (checker != null) {
            checker.completed("CMD_" + Cmd.text(w0, w1));
        }
    }
}
