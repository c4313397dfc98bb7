package org.iommusim.hw.pipeline;

import org.iommusim.hw.cache.TaggedCache;
import org.iommusim.hw.check.CachedSources;
import org.iommusim.hw.check.Promise;
import org.iommusim.hw.check.Source;
import org.iommusim.hw.check.SourceKind;
import org.iommusim.hw.check.StaleUseChecker;
import org.iommusim.hw.check.Trail;
import org.iommusim.hw.dma.AddressType;
import org.iommusim.sim.Simulation;
import org.iommusim.sim.memory.PhysicalMemory;
import org.jspecify.annotations.Nullable;

/** What the parts of an IOMMU tell the stale-use checker; without a checker all of it does nothing. */
public final class CheckedUse {
    private final @Nullable StaleUseChecker checker;

    /** A device's glue; it has a checker if the simulation runs with checks. */
    public CheckedUse(String device, Simulation sim, PhysicalMemory memory) {
        checker = StaleUseChecker.of(device, sim, memory);
    }

    /** The checker, if there is one. */
    public @Nullable StaleUseChecker checker() {
        return checker;
    }

    /** Keeps the sources of a cache's entries. */
    public @Nullable CachedSources cache(TaggedCache cache) {
        return checker == null ? null : checker.cache(cache);
    }

    /** Gives a new transaction a place for its sources. */
    public void attach(Transaction transaction) {
        if (checker != null) {
            transaction.trail = checker.newTrail();
            transaction.walk().trail(transaction.trail);
        }
    }

    /** A transaction's translation begins, again perhaps. */
    public void begin(Transaction transaction) {
        Trail trail = transaction.trail;
        if (trail != null) {
            trail.begin(transaction.sid, transaction.substream, transaction.iova);
        }
    }

    /** A transaction has read words of its configuration. */
    public void read(Transaction transaction, SourceKind kind, boolean leaf, long address, long... words) {
        Trail trail = transaction.trail;
        if (trail != null && checker != null) {
            for (int i = 0; i < words.length; i++) {
                trail.read(new Source(kind, leaf, address + 8L * i, words[i], checker.now(), 0, -1));
            }
        }
    }

    /**
     * A transaction is about to walk, for the address of a structure or for its own.
     *
     * @param domain whose tables: VM or domain
     * @param space address space, below 0 if none
     */
    public void tables(Transaction transaction, int domain, int space, boolean stage1) {
        Trail trail = transaction.trail;
        if (trail != null) {
            trail.tables(domain, space, stage1);
        }
    }

    /** A transaction's answer holds in all address spaces, or not. */
    public void everywhere(Transaction transaction, boolean global) {
        Trail trail = transaction.trail;
        if (trail != null) {
            trail.everywhere(global);
        }
    }

    /** A transaction's answer leaves the IOMMU, or its access is carried out. */
    public void used(Transaction transaction) {
        Trail trail = transaction.trail;
        if (trail != null && checker != null) {
            checker.used(trail);
            usedByDevice(transaction);
        }
    }

    /** A translation request is answered: the device has what the transaction has found. */
    public void answered(Transaction transaction) {
        Trail trail = transaction.trail;
        Trail inDevice = transaction.request().trail();
        if (trail != null && checker != null) {
            checker.used(trail);
            if (inDevice != null) {
                inDevice.handOver(trail);
            }
        }
    }

    /** An access with a device's own translation is carried out. */
    private void usedByDevice(Transaction transaction) {
        Trail inDevice = transaction.request().trail();
        if (checker != null && inDevice != null && transaction.type == AddressType.TRANSLATED) {
            checker.used(inDevice);
        }
    }

    /** A transaction is over, or what it has read does not matter any more. */
    public void end(Transaction transaction) {
        Trail trail = transaction.trail;
        if (trail != null) {
            trail.begin(0, -1, 0);
        }
    }

    /** An invalidation is about to take effect. */
    public void issued(Promise promise) {
        if (checker != null) {
            checker.issued(promise);
        }
    }

    /** How many invalidations have ended something and are not complete; 0 without a checker. */
    public int incomplete() {
        return checker == null ? 0 : checker.incomplete();
    }

    /** Software is about to be told that the first so many of the {@link #incomplete} invalidations are complete. */
    public void completed(String by, int first) {
        if (checker != null) {
            checker.completed(by, first);
        }
    }

    /** Software is about to be told that everything before is complete. */
    public void completed(String by) {
        if (checker != null) {
            checker.completed(by);
        }
    }
}
