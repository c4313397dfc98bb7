package org.iommusim.iommufd.mm;

import java.util.Arrays;
import org.iommusim.sim.memory.PhysicalMemory;

/** Bytes within one page of physical memory. */
final class PageBytes {
    private PageBytes() {}

    /**
     * Reads.
     *
     * @param frame the page; negative: one that reads as zero
     */
    static void read(PhysicalMemory memory, long frame, long offset, byte[] to, int at, int length) {
        if (frame < 0) {
            Arrays.fill(to, at, at + length, (byte) 0);
            return;
        }
        long word = 0;
        for (int i = 0; i < length; i++) {
            long address = frame + offset + i;
            if (i == 0 || (address & 7) == 0) {
                word = memory.read64(address);
            }
            to[at + i] = (byte) (word >>> 8 * (int) (address & 7));
        }
    }

    /** Writes. */
    static void write(PhysicalMemory memory, long address, byte[] from, int at, int length) {
        for (int i = 0; i < length; ) {
            if ((address + i & 7) == 0 && length - i >= 8) {
                memory.write64(address + i, word(from, at + i));
                i += 8;
            } else {
                memory.write(address + i, 1, from[at + i]);
                i++;
            }
        }
    }

    private static long word(byte[] from, int at) {
        long word = 0;
        for (int i = 7; i >= 0; i--) {
            word = word << 8 | from[at + i] & 0xff;
        }
        return word;
    }
}
