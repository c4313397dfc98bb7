package org.iommusim.iommufd.ioctl;

import org.iommusim.hw.driver.DirtyBitmap;
import org.iommusim.hw.driver.UserMemory;

/**
 * A bitmap in user memory, one bit for each page of a range of addresses ({@code struct iova_bitmap}, iova_bitmap.c). It is
 * reached by pages of 4096 bytes: a record that begins inside of the range sets bits up to the end of the last page that the
 * bitmap touches, even behind the range; one that begins outside, or a page that cannot be written, sets nothing.
 */
final class IovaBitmap implements DirtyBitmap {
    private static final long PAGE = 4096;

    private final UserMemory memory;
    private final long iova;
    private final long data;
    private final int pageShift;
    private final long words;

    /**
     * A bitmap whose first bit stands for {@code iova}.
     *
     * @param length bytes of addresses, at least 1
     * @param pageSize of a bit; its lowest set bit counts
     * @param data address of the bitmap
     */
    IovaBitmap(UserMemory memory, long iova, long length, long pageSize, long data) {
        this.memory = memory;
        this.iova = iova;
        this.data = data;
        pageShift = Long.numberOfTrailingZeros(pageSize);
        words = word(length - 1) + 1;
    }

    /** Number of the 64-bit word that stands for an offset in the range. */
    private long word(long offset) {
        return offset >>> pageShift >>> 6;
    }

    @Override
    public void record(long at, long bytes) {
        if (Long.compareUnsigned(word(at - iova), words) >= 0) {
            return;
        }
        long lastMapped = bitAt((data + words * 8 - 1 & -PAGE) + PAGE) - 1;
        long last = Math.min(at + bytes - 1 - iova >>> pageShift, lastMapped);
        long bit = at - iova >>> pageShift;
        while (bit <= last) {
            long pageLast = bitAt((data + (bit >>> 3) & -PAGE) + PAGE) - 1;
            if (!set(bit, Math.min(pageLast, last))) {
                return;
            }
            bit = pageLast + 1;
        }
    }

    /** Number of the first bit at an address of user memory. */
    private long bitAt(long address) {
        return (address - data) * 8;
    }

    private boolean set(long first, long last) {
        long address = data + (first >>> 3);
        byte[] bytes = new byte[(int) ((last >>> 3) - (first >>> 3)) + 1];
        if (memory.copyFromUser(address, bytes) != 0) {
            return false;
        }
        for (long bit = first; bit <= last; bit++) {
            bytes[(int) ((bit >>> 3) - (first >>> 3))] |= (byte) (1 << (bit & 7));
        }
        return memory.copyToUser(address, bytes) == 0;
    }
}
