package org.iommusim.iommufd.mm;

import org.iommusim.sim.program.Call;
import org.iommusim.sim.world.Identified;
import org.iommusim.sim.world.Variable;

/** Where a map's pages come from: memory of a process, a file, or a dma-buf. Pages are counted from 0. */
public interface PageSource extends Identified {
    /** The variable of whether dma-bufs are revoked. */
    Variable REVOKED = Variable.named("mm.revoked");

    /** Kinds of sources ({@code enum iopt_address_type}). */
    enum Kind {
        /** Addresses of a process. */
        USER,
        /** Offsets of a file. */
        FILE,
        /** Offsets of a dma-buf. */
        DMABUF
    }

    /** What it is. */
    Kind kind();

    /** Virtual address, or offset in the file, of its first page; a multiple of the page size. */
    long start();

    /**
     * Pins pages that follow each other.
     *
     * @param index the first
     * @param pages how many, at least 1
     * @param write true if they will be written
     * @param pinned gets the physical addresses of all of them
     * @return 0; EFAULT (a page is not there, or may not be written), EINVAL (the file has no such pages)
     */
    int pin(long index, long pages, boolean write, PinnedFrames pinned);

    /**
     * Gives back pins.
     *
     * @param index of the first page
     * @param frames the physical addresses that {@link #pin} gave for pages that follow each other
     */
    void unpin(long index, long[] frames);

    /** True for a dma-buf whose exporter took its memory back; for a step that declares {@link #REVOKED}. */
    default boolean revoked() {
        return false;
    }

    /** {@code phys.len = 0}: this map of a dma-buf sees nothing of it any more. */
    default void setRevoked() {
        throw new IllegalStateException(this + " cannot be taken back");
    }

    /** {@code importer_priv}: tells who maps the pages, and must be told before they are taken back. */
    default void importer(Importer importer) {}

    /** The last map of it is gone. */
    void release();

    /** Who maps pages that can be taken back. */
    interface Importer {
        /** {@code invalidate_mappings}: takes the pages out of every domain, for good. */
        Call<?> revokeNotify();
    }

    /** Gets what was pinned. */
    interface PinnedFrames {
        /** Takes over the physical addresses, one for each page. */
        void frames(long[] frames);
    }
}
