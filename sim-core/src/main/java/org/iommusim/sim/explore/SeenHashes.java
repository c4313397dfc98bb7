package org.iommusim.sim.explore;

import java.util.Arrays;
import org.iommusim.sim.world.Mix;

/** Counts different 64-bit hashes as long as there is memory for it. */
final class SeenHashes {
    private final long maxBytes;
    private long[] hashes = new long[1024];
    private int count;
    private boolean zero;
    private boolean full;

    /** Takes at most about this much memory, bytes. */
    SeenHashes(long maxBytes) {
        this.maxBytes = maxBytes;
    }

    /** How many different hashes were added; fewer than there were if it is {@link #full}. */
    long count() {
        return (long) count + (zero ? 1 : 0);
    }

    /** True if no more could be kept. */
    boolean full() {
        return full;
    }

    /** Adds a hash. */
    void add(long hash) {
        if (hash == 0) {
            zero = true;
            return;
        }
        int place = find(hash);
        if (hashes[place] == 0 && !full) {
            hashes[place] = hash;
            count++;
            if (2L * count > hashes.length) {
                grow();
            }
        }
    }

    private int find(long hash) {
        int mask = hashes.length - 1;
        int place = (int) Mix.mix(hash) & mask;
        while (hashes[place] != 0 && hashes[place] != hash) {
            place = (place + 1) & mask;
        }
        return place;
    }

    private void grow() {
        if (4L * Long.BYTES * hashes.length > maxBytes || hashes.length > 1 << 28) {
            full = 4L * count > 3L * hashes.length;
            return;
        }
        long[] old = hashes;
        hashes = new long[2 * old.length];
        Arrays.stream(old).filter(hash -> hash != 0).forEach(hash -> hashes[find(hash)] = hash);
    }
}
