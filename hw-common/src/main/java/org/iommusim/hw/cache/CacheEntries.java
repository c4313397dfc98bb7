package org.iommusim.hw.cache;

import java.util.Arrays;
import org.iommusim.sim.world.Cell;
import org.iommusim.sim.world.World;
import org.jspecify.annotations.Nullable;

/**
 * The words of a cache's entries, as one cell: mask, address, two tags, values; those of an entry have indices one behind
 * the other. Masks, addresses and tags lie in arrays of their own, because a search reads little else than the first two
 * of many entries, and asks once whether somebody watches.
 */
final class CacheEntries extends Cell {
    static final int NONE = TaggedCache.NONE;

    private static final int MASK = 0;
    private static final int ADDRESS = 1;
    private static final int TAG_A = 2;
    private static final int TAG_B = 3;
    private static final int TAGS = 4;

    private final int stride;
    private final int valueCount;
    private final long[] masks;
    private final long[] addresses;
    private final long[] tagsA;
    private final long[] tagsB;
    private final long[] values;

    CacheEntries(World world, long instance, int entries, int valueCount) {
        super(world, TaggedCache.ENTRY, instance);
        this.valueCount = valueCount;
        stride = TAGS + valueCount;
        masks = new long[entries];
        addresses = new long[entries];
        tagsA = new long[entries];
        tagsB = new long[entries];
        values = new long[entries * valueCount];
    }

    /** The first of some entries that is valid and covers an address, or {@link #NONE}. */
    int find(int first, int count, long address, long tagA, long tagB) {
        tagsRead(first, count);
        for (int entry = first; entry < first + count; entry++) {
            long mask = masks[entry];
            if (addresses[entry] == (address & mask) && mask != 0 && tagsA[entry] == tagA && tagsB[entry] == tagB) {
                return entry;
            }
        }
        return NONE;
    }

    /** The first of some entries that is invalid, or {@link #NONE}. */
    int firstInvalid(int first, int count) {
        for (int entry = first; entry < first + count; entry++) {
            if (mask(entry) == 0) {
                return entry;
            }
        }
        return NONE;
    }

    private void tagsRead(int first, int count) {
        if (watched()) {
            for (int entry = first; entry < first + count; entry++) {
                for (int field = 0; field < TAGS; field++) {
                    noteRead(index(entry, field));
                }
            }
        }
    }

    /** Fills an entry; its values are zero. */
    void fill(int entry, long address, long mask, long tagA, long tagB) {
        int from = entry * valueCount;
        if (watched()) {
            noteWrite(index(entry, MASK), masks[entry], mask);
            noteWrite(index(entry, ADDRESS), addresses[entry], address);
            noteWrite(index(entry, TAG_A), tagsA[entry], tagA);
            noteWrite(index(entry, TAG_B), tagsB[entry], tagB);
            for (int i = 0; i < valueCount; i++) {
                noteWrite(index(entry, TAGS + i), values[from + i], 0);
            }
        }
        masks[entry] = mask;
        addresses[entry] = address;
        tagsA[entry] = tagA;
        tagsB[entry] = tagB;
        Arrays.fill(values, from, from + valueCount, 0);
    }

    /** Makes an entry invalid. */
    void clear(int entry) {
        if (watched()) {
            noteWrite(index(entry, MASK), masks[entry], 0);
        }
        masks[entry] = 0;
    }

    /** 0 if an entry is invalid. */
    long mask(int entry) {
        noteReadOf(entry, MASK);
        return masks[entry];
    }

    long address(int entry) {
        noteReadOf(entry, ADDRESS);
        return addresses[entry];
    }

    long tagA(int entry) {
        noteReadOf(entry, TAG_A);
        return tagsA[entry];
    }

    long tagB(int entry) {
        noteReadOf(entry, TAG_B);
        return tagsB[entry];
    }

    long value(int entry, int which) {
        noteReadOf(entry, TAGS + which);
        return values[entry * valueCount + which];
    }

    /** Copies values from the one at {@code from} on, as many as there is room for. */
    void values(int entry, int from, long[] into) {
        if (watched()) {
            for (int i = 0; i < into.length; i++) {
                noteRead(index(entry, TAGS + from + i));
            }
        }
        System.arraycopy(values, entry * valueCount + from, into, 0, into.length);
    }

    void value(int entry, int which, long newValue) {
        int at = entry * valueCount + which;
        if (watched()) {
            noteWrite(index(entry, TAGS + which), values[at], newValue);
        }
        values[at] = newValue;
    }

    private void noteReadOf(int entry, int field) {
        if (watched()) {
            noteRead(index(entry, field));
        }
    }

    private long index(int entry, int field) {
        return (long) entry * stride + field;
    }

    @Override
    protected long bitsAt(long index) {
        int entry = (int) (index / stride);
        int field = (int) (index % stride);
        return field < TAGS ? tags(field)[entry] : values[entry * valueCount + field - TAGS];
    }

    @Override
    protected void restore(long index, long bits, @Nullable Object reference) {
        int entry = (int) (index / stride);
        int field = (int) (index % stride);
        if (field < TAGS) {
            tags(field)[entry] = bits;
        } else {
            values[entry * valueCount + field - TAGS] = bits;
        }
    }

    private long[] tags(int field) {
        return switch (field) {
            case MASK -> masks;
            case ADDRESS -> addresses;
            case TAG_A -> tagsA;
            default -> tagsB;
        };
    }
}
