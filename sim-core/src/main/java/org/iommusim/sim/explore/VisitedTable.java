package org.iommusim.sim.explore;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;

/**
 * The states that a search has seen: 128-bit keys, each with a small value that can only rise. It is cut into segments so
 * that it grows in small steps and that workers seldom wait for each other.
 */
final class VisitedTable {
    private static final int SEGMENT_BITS = 8;

    private final VisitedSegment[] segments = new VisitedSegment[1 << SEGMENT_BITS];
    private final boolean shared;

    /**
     * Makes an empty table.
     *
     * @param maxBytes most memory that it may take, bytes
     * @param shared whether several threads use it
     */
    VisitedTable(long maxBytes, boolean shared) {
        MemoryBudget memory = new MemoryBudget(maxBytes);
        for (int i = 0; i < segments.length; i++) {
            segments[i] = new VisitedSegment(memory);
        }
        this.shared = shared;
    }

    /** Adds a key or raises its value; see {@link VisitedSegment#offer}. */
    int offer(long high, long low, int value) {
        VisitedSegment segment = segments[(int) (high >>> 64 - SEGMENT_BITS)];
        return shared ? segment.offerShared(high, low, value) : segment.offer(high, low, value);
    }

    /** Number of keys; exact only while nobody adds any. */
    long size() {
        long size = 0;
        for (VisitedSegment segment : segments) {
            size += segment.used();
        }
        return size;
    }

    /** Writes all entries; nobody may add any meanwhile. */
    void save(DataOutputStream out) throws IOException {
        for (VisitedSegment segment : segments) {
            segment.save(out);
        }
    }

    /**
     * Adds the entries that {@link #save} wrote.
     *
     * @return false if there is no memory for them
     */
    boolean load(DataInputStream in) throws IOException {
        for (VisitedSegment segment : segments) {
            if (!segment.load(in)) {
                return false;
            }
        }
        return true;
    }
}
