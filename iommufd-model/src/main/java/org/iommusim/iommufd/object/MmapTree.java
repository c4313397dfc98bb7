package org.iommusim.iommufd.object;

import org.iommusim.sim.world.Variable;
import org.iommusim.sim.world.World;
import org.jspecify.annotations.Nullable;

/** The offsets of a context's file that can be mapped ({@code ictx->mt_mmap}). Each method is one section under its lock. */
public final class MmapTree {
    /** The variable of all trees and of how often their regions are mapped. */
    public static final Variable MMAP = Variable.named("iommufd.mmap");

    /** The first page is left out: an offset is never 0. */
    private static final long FIRST = 4096;

    private final World world;
    private final CellList<MmapRegion> regions;

    MmapTree(World world) {
        this.world = world;
        regions = new CellList<>(world, MMAP);
    }

    /** {@code mtree_alloc_range}: gives a region the lowest free offsets. */
    public MmapRegion allocate(IommufdObject owner, long mmioAddr, long length) {
        long offset = FIRST;
        int index = 0;
        for (MmapRegion region : regions.items()) {
            if (region.offset() - offset >= length) {
                break;
            }
            offset = region.offset() + region.length();
            index++;
        }
        MmapRegion made = new MmapRegion(world, owner, mmioAddr, offset, length);
        regions.add(index, made);
        return made;
    }

    /** {@code mtree_load}: the region that contains an offset, or {@code null}. */
    public @Nullable MmapRegion load(long offset) {
        for (MmapRegion region : regions.items()) {
            if (Long.compareUnsigned(offset - region.offset(), region.length()) < 0) {
                return region;
            }
        }
        return null;
    }

    /** {@code mtree_erase}. */
    public void erase(MmapRegion region) {
        regions.remove(region);
    }

    /** Tells which references the VMAs of an object's regions hold. */
    public void holds(IommufdObject owner, ReferenceSink sink) {
        for (MmapRegion region : regions.items()) {
            if (region.owner() == owner) {
                for (int vma = 0; vma < region.vmas(); vma++) {
                    sink.users(owner, 1, "a VMA maps its pages at " + region.offset());
                    sink.file(owner.ctx(), "a VMA maps pages of " + owner);
                }
            }
        }
    }
}
