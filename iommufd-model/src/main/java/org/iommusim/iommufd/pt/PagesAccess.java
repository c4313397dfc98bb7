package org.iommusim.iommufd.pt;

import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.World;

/** Page numbers that in-kernel users have pinned ({@code struct iopt_pages_access}); same range, same object. */
final class PagesAccess implements Ranged {
    private final long first;
    private final long last;
    private final long id;
    private final IntCell users;

    PagesAccess(World world, long first, long last) {
        this.first = first;
        this.last = last;
        id = world.nextInstance();
        users = new IntCell(world, IoptPages.PAGES, id, 1);
    }

    @Override
    public long first() {
        return first;
    }

    @Override
    public long last() {
        return last;
    }

    /** Adds users; how many there are now. */
    int users(int change) {
        return users.add(change);
    }

    /** How many users there are. */
    int users() {
        return users.get();
    }

    @Override
    public long stableId() {
        return id;
    }
}
