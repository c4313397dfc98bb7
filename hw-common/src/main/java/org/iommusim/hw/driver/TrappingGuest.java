package org.iommusim.hw.driver;

import org.iommusim.sim.program.Call;
import org.iommusim.sim.world.RefCell;

/** A guest's driver whose every change of a configuration entry traps, so that a VMM can follow it. */
public interface TrappingGuest extends GuestIommu {
    /** From now on changes run this. */
    void trapTo(ConfigurationTrap trap);

    /** What a device's entry says now. */
    GuestEntry entry(long virtualId);

    /** As {@link #attach}, with a directory that leads to the entry; {@link #detach} takes the entry out of it. */
    Call<?> attachThroughDirectory(long virtualId);

    /**
     * Replaces the tables of an attached device by empty ones. The entry is made invalid in between. {@code commands} gets
     * the invalidations of what the old tables have left in caches.
     */
    Call<?> replace(long virtualId, RefCell<UserData> commands);

    /** Frees the tables that {@link #replace} has replaced: only after its invalidations are complete. */
    Call<?> freeReplaced(long virtualId);
}
