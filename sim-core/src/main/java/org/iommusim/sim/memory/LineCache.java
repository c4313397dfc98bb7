package org.iommusim.sim.memory;

import java.util.Arrays;

/**
 * Which lines of memory a last-level cache holds: set associative, least recently used out. It holds no data, only
 * presence, and is timing-only state.
 */
final class LineCache {
    private final int lineShift;
    private final int sets;
    private final int ways;
    private final long[] tags;
    private final long[] used;
    private long clock;

    /** Makes an empty cache of {@code bytes}: whole sets, of any number. */
    LineCache(long bytes, int ways, int lineBytes) {
        lineShift = Integer.numberOfTrailingZeros(lineBytes);
        sets = Math.toIntExact(bytes / lineBytes / ways);
        this.ways = ways;
        tags = new long[sets * ways];
        used = new long[sets * ways];
        Arrays.fill(tags, -1);
    }

    /** Looks a line up and brings it in on a miss; true on a hit. */
    boolean touch(long address) {
        long line = address >>> lineShift;
        int first = (int) Long.remainderUnsigned(line, sets) * ways;
        int victim = first;
        clock++;
        for (int way = first; way < first + ways; way++) {
            if (tags[way] == line) {
                used[way] = clock;
                return true;
            }
            if (used[way] < used[victim]) {
                victim = way;
            }
        }
        tags[victim] = line;
        used[victim] = clock;
        return false;
    }
}
