package org.iommusim.smmuv3.driver;

import org.iommusim.sim.world.Identified;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.LongCell;
import org.iommusim.sim.world.World;
import org.iommusim.smmuv3.spec.Cd;
import org.jspecify.annotations.Nullable;

/** What a guest's driver knows of one virtual StreamID. Its first page holds context descriptors and the entry. */
final class GuestStream implements Identified {
    /** The entry's place in the stream's page; the context descriptor is at its beginning. */
    private static final long STE_OFFSET = Cd.BYTES;
    /** Where the next domain's context descriptor is written while the present one is in use. */
    private static final long OTHER_CD_OFFSET = 2L * Cd.BYTES;

    private final long virtualId;
    private final long id;
    private final @Nullable GuestStream next;
    /** Guest physical address of the start table; 0 if there is none. */
    final LongCell root;
    /** Guest physical address of the page with context descriptor and entry; 0 if there is none. */
    final LongCell page;
    /** Guest physical address of the level-1 table that leads to the entry; 0 if the stream table has one level. */
    final LongCell directory;
    /** Where the context descriptor is in its page. */
    private final LongCell cdOffset;
    /** Start table that was replaced and is not freed; 0 if there is none. */
    final LongCell oldRoot;
    /** Its ASID. */
    final IntCell oldAsid;
    /** ASID; 0 if there is none. */
    final IntCell asid;
    /** 1 while the entry translates. */
    final IntCell attached;

    GuestStream(World world, long virtualId, @Nullable GuestStream next) {
        this.virtualId = virtualId;
        this.next = next;
        id = world.nextInstance();
        root = new LongCell(world, Touches.GUEST, id, 0);
        page = new LongCell(world, Touches.GUEST, id + (1L << 40), 0);
        asid = new IntCell(world, Touches.GUEST, id + (2L << 40), 0);
        attached = new IntCell(world, Touches.GUEST, id + (3L << 40), 0);
        directory = new LongCell(world, Touches.GUEST, id + (4L << 40), 0);
        cdOffset = new LongCell(world, Touches.GUEST, id + (5L << 40), 0);
        oldRoot = new LongCell(world, Touches.GUEST, id + (6L << 40), 0);
        oldAsid = new IntCell(world, Touches.GUEST, id + (7L << 40), 0);
    }

    /** Guest physical address of its context descriptor. */
    long cd() {
        return page.get() + cdOffset.get();
    }

    /** From now on its context descriptor is in the other place. */
    void otherCd() {
        cdOffset.set(cdOffset.get() == 0 ? OTHER_CD_OFFSET : 0);
    }

    /** The stream of a virtual id in a list, or {@code null}. */
    static @Nullable GuestStream find(@Nullable GuestStream list, long virtualId) {
        GuestStream s = list;
        while (s != null && s.virtualId != virtualId) {
            s = s.next;
        }
        return s;
    }

    /** Its virtual StreamID. */
    int virtualSid() {
        return (int) virtualId;
    }

    /** Guest physical address of its entry. */
    long ste() {
        return page.get() + STE_OFFSET;
    }

    @Override
    public long stableId() {
        return id;
    }
}
