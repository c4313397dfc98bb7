package org.iommusim.vtd.format;

import java.util.Map;
import java.util.TreeMap;
import org.iommusim.hw.walk.ReferenceOutcome;
import org.iommusim.hw.walk.ReferenceWalker;
import org.iommusim.hw.walk.StageParameters;
import org.iommusim.hw.walk.WalkFault;
import org.iommusim.sim.memory.PhysicalMemory;

/** A second reading of the rules of second-stage tables: recursive, with single bits by number. */
final class NaiveSecondStage implements ReferenceWalker {
    private final PhysicalMemory memory;
    private final StageParameters p;
    private final Map<Long, Long> words = new TreeMap<>();

    NaiveSecondStage(PhysicalMemory memory, StageParameters p) {
        this.memory = memory;
        this.p = p;
    }

    @Override
    public Map<Long, Long> words() {
        return words;
    }

    @Override
    public void forget() {
        words.clear();
    }

    private boolean on(int flag) {
        return (p.flags & flag) != 0;
    }

    private static boolean bit(long word, int bit) {
        return (word >> bit & 1) == 1;
    }

    @Override
    public ReferenceOutcome access(long address, boolean write, boolean execute, boolean privileged) {
        for (int b = p.inputBits; b < 64; b++) {
            if (bit(address, b)) {
                return ReferenceOutcome.fault(WalkFault.INPUT_RANGE, p.startLevel);
            }
        }
        long table = p.root;
        for (int level = p.startLevel; ; level--) {
            int low = 12 + 9 * (level - 1);
            long at = table + 8 * ((address >> low) & 0x1ff);
            if (at >>> 32 != 0) {
                return ReferenceOutcome.fault(WalkFault.EXTERNAL_ABORT, level); // memory ends there
            }
            long e = words.computeIfAbsent(at, memory::read64);
            if (!bit(e, write ? 1 : execute && on(SecondStage.EXECUTE) ? 2 : 0)) {
                return ReferenceOutcome.fault(WalkFault.PERMISSION, level);
            }
            boolean large = bit(e, 7) && (level == 2 || level == 3);
            boolean leaf = level == 1 || large;
            if (reservedBitSet(e, level, leaf, large, low)) {
                return ReferenceOutcome.fault(WalkFault.RESERVED_BIT, level);
            }
            if (on(SecondStage.ACCESSED_DIRTY)) {
                words.put(at, e | 1L << 8 | (leaf && write ? 1L << 9 : 0));
            }
            table = e & 0x000f_ffff_ffff_f000L;
            if (leaf) {
                long within = (1L << low) - 1;
                long output = table & ~within | address & within;
                return new ReferenceOutcome(WalkFault.NONE, level, output, true, 1, 0, false);
            }
        }
    }

    private boolean reservedBitSet(long e, int level, boolean leaf, boolean large, int low) {
        if (bit(e, 11) && !(leaf && on(SecondStage.SNOOP_CONTROL))) {
            return true;
        }
        if (bit(e, 62) && !(leaf && on(SecondStage.DEVICE_TLBS))) {
            return true;
        }
        if (level > 3 && bit(e, 7)) {
            return true;
        }
        if (large && !on(level == 2 ? SecondStage.PAGES_2M : SecondStage.PAGES_1G)) {
            return true;
        }
        for (int b = 12; large && b < low; b++) {
            if (bit(e, b)) {
                return true;
            }
        }
        for (int b = p.outputBits; b < 52; b++) {
            if (bit(e, b)) {
                return true;
            }
        }
        return false;
    }
}
