package org.iommusim.hw.contract;

/** Tables of one address space, written by hand. */
public interface Space {
    /** log2 of the bytes of the smallest page. */
    int SMALL = 12;
    /** log2 of the bytes of the next larger page. */
    int LARGE = 21;
    /** How far behind its host address everything of a guest lies, in spaces of two stages: no test finds it without both. */
    long GUEST = 0x8000_0000L;
    /** log2 of the bytes that the tables of one space take at most. */
    int TABLES = 20;

    /**
     * Writes the leaf entry of a page, whatever was there; tables above it are made.
     *
     * @param iova and {@code target}: aligned to the page
     * @param shift {@link #SMALL} or {@link #LARGE}
     */
    void map(long iova, long target, int shift, boolean writable);

    /** Writes the leaf entry of a small page that may be read and written. */
    default void map(long iova, long target) {
        map(iova, target, SMALL, true);
    }

    /** Clears the leaf entry of a small page. */
    void unmap(long iova);
}
