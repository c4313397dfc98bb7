package org.iommusim.iommufd.mm;

import org.jspecify.annotations.Nullable;

/**
 * The arguments of {@code mmap}.
 *
 * @param va where ({@code MAP_FIXED}: what is mapped there goes); 0: the kernel chooses
 * @param bytes how much
 * @param writable {@code PROT_WRITE}
 * @param shared {@code MAP_SHARED}
 * @param huge {@code MAP_HUGETLB}: pages of 2 MiB
 * @param populate {@code MAP_POPULATE}: pages come now, not when they are touched
 * @param backing what is mapped, only shared; {@code null}: anonymous memory
 * @param offset in {@code backing}, bytes, page aligned
 */
public record MmapRequest(
        long va,
        long bytes,
        boolean writable,
        boolean shared,
        boolean huge,
        boolean populate,
        @Nullable Backing backing,
        long offset) {
    /** Private, writable, anonymous memory wherever the kernel likes. */
    public static MmapRequest anonymous(long bytes) {
        return new MmapRequest(0, bytes, true, false, false, false, null, 0);
    }

    /** Shared, writable memory of a file or a device. */
    public static MmapRequest of(Backing backing, long offset, long bytes) {
        return new MmapRequest(0, bytes, true, true, false, false, backing, offset);
    }

    /** The same at this address. */
    public MmapRequest at(long address) {
        return new MmapRequest(address, bytes, writable, shared, huge, populate, backing, offset);
    }

    /** The same without {@code PROT_WRITE}. */
    public MmapRequest readOnly() {
        return new MmapRequest(va, bytes, false, shared, huge, populate, backing, offset);
    }

    /** The same, shared with forked processes. */
    public MmapRequest asShared() {
        return new MmapRequest(va, bytes, writable, true, huge, populate, backing, offset);
    }

    /** The same with pages of 2 MiB, or not. */
    public MmapRequest huge(boolean on) {
        return new MmapRequest(va, bytes, writable, shared, on, populate, backing, offset);
    }

    /** The same with all pages there at once. */
    public MmapRequest populated() {
        return new MmapRequest(va, bytes, writable, shared, huge, true, backing, offset);
    }
}
