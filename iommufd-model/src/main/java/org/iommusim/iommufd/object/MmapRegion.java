package org.iommusim.iommufd.object;

import org.iommusim.sim.world.Identified;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.World;

/** Pages of hardware that a driver offers to user space ({@code struct iommufd_mmap}). */
public final class MmapRegion implements Identified {
    private final IommufdObject owner;
    private final long mmioAddr;
    private final long offset;
    private final long length;
    private final long instance;
    private final IntCell vmas;

    MmapRegion(World world, IommufdObject owner, long mmioAddr, long offset, long length) {
        this.owner = owner;
        this.mmioAddr = mmioAddr;
        this.offset = offset;
        this.length = length;
        instance = world.nextInstance();
        vmas = new IntCell(world, MmapTree.MMAP, instance, 0);
    }

    /** The object that the driver offers them for: each VMA holds it. */
    public IommufdObject owner() {
        return owner;
    }

    /** Physical address. */
    public long mmioAddr() {
        return mmioAddr;
    }

    /** What user space passes to mmap, bytes. */
    public long offset() {
        return offset;
    }

    /** Bytes. */
    public long length() {
        return length;
    }

    /** How many VMAs map them. */
    int vmas() {
        return vmas.get();
    }

    /** A VMA appears ({@code 1}) or goes ({@code -1}). */
    public void countVma(int change) {
        vmas.add(change);
    }

    @Override
    public long stableId() {
        return instance;
    }
}
