package org.iommusim.smmuv3.driver;

import java.util.Arrays;
import org.iommusim.smmuv3.spec.Cmd;
import org.iommusim.smmuv3.spec.IdRegs;

/** Commands that are issued together: {@code struct arm_smmu_cmdq_batch}. Filled once, then read only. */
final class CommandList {
    /** How many invalidations by address are worth it before everything of the tag goes (CMDQ_MAX_TLBI_OPS). */
    static final long MOST_TLBI = 512;

    private static final int RANGE_NUM_MAX = 31;

    private long[] words = new long[8];
    private int count;

    /** A list of one command. */
    static CommandList of(long w0, long w1) {
        return new CommandList().add(w0, w1);
    }

    /** Adds a command. */
    CommandList add(long w0, long w1) {
        if (2 * count == words.length) {
            words = Arrays.copyOf(words, 2 * words.length);
        }
        words[2 * count] = w0;
        words[2 * count + 1] = w1;
        count++;
        return this;
    }

    /** How many there are. */
    int count() {
        return count;
    }

    /** First word of a command. */
    long word0(int command) {
        return words[2 * command];
    }

    /** Second word of a command. */
    long word1(int command) {
        return words[2 * command + 1];
    }

    /**
     * Adds the invalidation of an address range ({@code __arm_smmu_cmdq_batch_add_range}): one command for each leaf, or
     * with range invalidation one for each power of two of pages.
     *
     * @param opcode TLBI_NH_VA or TLBI_S2_IPA
     * @param leafShift log2 of the size of the leaves that were there
     * @param leafOnly no table went away
     */
    CommandList addRange(
            IdRegs ids, int opcode, int vmid, int asid, long start, long bytes, int leafShift, boolean leafOnly) {
        if (!ids.ril()) {
            for (long at = start; at < start + bytes; at += 1L << leafShift) {
                add(Cmd.tlbi0(opcode, vmid, asid), Cmd.tlbi1(at, leafOnly));
            }
            return this;
        }
        long pages = bytes >>> 12;
        // Only a leaf-only invalidation may name the level; the others must not be a "range" of exactly one page.
        int ttl = leafOnly ? 3 - (leafShift - 12) / 9 : 0;
        if (ttl == 0 && (pages & RANGE_NUM_MAX) == 1) {
            pages++;
        }
        long at = start;
        while (pages != 0) {
            int scale = Long.numberOfTrailingZeros(pages);
            int num = (int) (pages >>> scale & RANGE_NUM_MAX);
            add(Cmd.tlbiRange0(opcode, vmid, asid, num - 1, scale), Cmd.tlbiRange1(at, leafOnly, ttl, 1));
            at += (long) num << scale + 12;
            pages -= (long) num << scale;
        }
        return this;
    }
}
