package org.iommusim.iommufd.pt;

import org.iommusim.sim.world.Identified;
import org.iommusim.sim.world.World;
import org.jspecify.annotations.Nullable;

/** A range that is reserved for somebody or allowed to everybody ({@code iopt_reserved}, {@code iopt_allowed}). */
final class IoptRange implements Ranged {
    private final long first;
    private final long last;
    private final @Nullable Identified owner;
    private final long id;

    private IoptRange(World world, long first, long last, @Nullable Identified owner) {
        this.first = first;
        this.last = last;
        this.owner = owner;
        id = world.nextInstance();
    }

    static IoptRange reserved(World world, long first, long last, @Nullable Identified owner) {
        return new IoptRange(world, first, last, owner);
    }

    static IoptRange allowed(World world, long first, long last) {
        return new IoptRange(world, first, last, null);
    }

    @Override
    public long first() {
        return first;
    }

    @Override
    public long last() {
        return last;
    }

    /** For whom it is reserved; null: for nobody in particular. */
    @Nullable
    Identified owner() {
        return owner;
    }

    @Override
    public long stableId() {
        return id;
    }
}
