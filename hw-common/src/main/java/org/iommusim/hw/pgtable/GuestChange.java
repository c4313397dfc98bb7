package org.iommusim.hw.pgtable;

import org.iommusim.hw.driver.GuestSpace;
import org.iommusim.hw.driver.UserData;
import org.iommusim.sim.world.RefCell;
import org.jspecify.annotations.Nullable;

/**
 * What a guest's driver is to do with an address space; what an operation does not need is 0 or {@code null}.
 *
 * @param space the address space
 * @param commands where the commands go that invalidate
 * @param iova first address of a range
 * @param guestPhysical where it is mapped to
 * @param bytes its length
 * @param protection what accesses are allowed
 */
public record GuestChange(
        GuestSpace space,
        @Nullable RefCell<UserData> commands,
        long iova,
        long guestPhysical,
        long bytes,
        int protection) {}
