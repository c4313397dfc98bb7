package org.iommusim.vtd.driver;

import java.util.Arrays;
import org.iommusim.vtd.spec.Inv;

/** Invalidation descriptors that are submitted together: {@code struct qi_batch}. Filled once, then read only. */
final class DescriptorList {
    /** QI_MAX_BATCHED_DESC_COUNT: what the kernel submits at a time. */
    static final int BATCH = 16;

    private long[] words = new long[2 * Inv.WORDS];
    private int count;

    /** A list of one descriptor. */
    static DescriptorList of(long w0, long w1) {
        return new DescriptorList().add(w0, w1);
    }

    /** Adds a descriptor. */
    DescriptorList add(long w0, long w1) {
        if (Inv.WORDS * count == words.length) {
            words = Arrays.copyOf(words, 2 * words.length);
        }
        words[Inv.WORDS * count] = w0;
        words[Inv.WORDS * count + 1] = w1;
        count++;
        return this;
    }

    /** How many there are. */
    int count() {
        return count;
    }

    /** First word of a descriptor. */
    long word0(int descriptor) {
        return words[Inv.WORDS * descriptor];
    }

    /** Second word of a descriptor. */
    long word1(int descriptor) {
        return words[Inv.WORDS * descriptor + 1];
    }

    /** Up to {@link #BATCH} descriptors from one on. */
    DescriptorList batch(int first) {
        DescriptorList list = new DescriptorList();
        for (int i = first; i < count && i < first + BATCH; i++) {
            list.add(word0(i), word1(i));
        }
        return list;
    }
}
