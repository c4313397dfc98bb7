package org.iommusim.iommufd.mm;

import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The arguments of {@code mmap}.
 *
 * @param va where ({@code MAP_FIXED}: what is mapped there goes); 0: the kernel chooses
 * @param bytes how much
 * @param flags protections and flags; everything may be read
 * @param backing what is mapped, only shared; {@code null}: anonymous memory
 * @param offset in {@code backing}, bytes, page aligned
 * @param owner hears when the area goes; {@code null}: nobody
 */
public record MmapRequest(
        long va,
        long bytes,
        Set<MmapFlag> flags,
        @Nullable Backing backing,
        long offset,
        @Nullable AreaOwner owner) {
    /** Copies the flags. */
    public MmapRequest {
        flags = Collections.unmodifiableSet(new TreeSet<>(flags));
    }

    /** Private, writable, anonymous memory wherever the kernel likes. */
    public static MmapRequest anonymous(long bytes) {
        return new MmapRequest(0, bytes, EnumSet.of(MmapFlag.WRITE), null, 0, null);
    }

    /** Shared, writable memory of a file or a device. */
    public static MmapRequest of(Backing backing, long offset, long bytes) {
        return new MmapRequest(0, bytes, EnumSet.of(MmapFlag.WRITE, MmapFlag.SHARED), backing, offset, null);
    }

    /** True if it has this flag. */
    public boolean has(MmapFlag flag) {
        return flags.contains(flag);
    }

    /** The same with or without a flag. */
    public MmapRequest with(MmapFlag flag, boolean on) {
        Set<MmapFlag> changed = new TreeSet<>(flags);
        if (on) {
            changed.add(flag);
        } else {
            changed.remove(flag);
        }
        return new MmapRequest(va, bytes, changed, backing, offset, owner);
    }

    /** The same with a flag. */
    public MmapRequest with(MmapFlag flag) {
        return with(flag, true);
    }

    /** The same at this address. */
    public MmapRequest at(long address) {
        return new MmapRequest(address, bytes, flags, backing, offset, owner);
    }

    /** The same at this offset of a file. */
    public MmapRequest from(long fileOffset) {
        return new MmapRequest(va, bytes, flags, backing, fileOffset, owner);
    }

    /** The same of these pages, from its offset on. */
    public MmapRequest backedBy(Backing pages) {
        return new MmapRequest(va, bytes, flags, pages, offset, owner);
    }

    /** The same of these pages from their beginning, for an owner who has counted this area already. */
    public MmapRequest backedBy(Backing pages, AreaOwner newOwner) {
        return new MmapRequest(va, bytes, flags, pages, 0, newOwner);
    }
}
