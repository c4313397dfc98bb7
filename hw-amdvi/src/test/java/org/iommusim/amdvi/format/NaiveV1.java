package org.iommusim.amdvi.format;

import java.util.Map;
import java.util.TreeMap;
import org.iommusim.hw.walk.ReferenceOutcome;
import org.iommusim.hw.walk.ReferenceWalker;
import org.iommusim.hw.walk.StageParameters;
import org.iommusim.hw.walk.WalkFault;
import org.iommusim.sim.memory.PhysicalMemory;

/** A second reading of the rules of host tables: with single bits by number. */
final class NaiveV1 implements ReferenceWalker {
    private final PhysicalMemory memory;
    private final StageParameters p;
    private final Map<Long, Long> words = new TreeMap<>();

    NaiveV1(PhysicalMemory memory, StageParameters p) {
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

    private static boolean bit(long word, int bit) {
        return (word >> bit & 1) == 1;
    }

    @Override
    public ReferenceOutcome access(long address, boolean write, boolean execute, boolean privileged) {
        int level = p.startLevel;
        for (int b = 12 + 9 * level; b < 64; b++) {
            if (bit(address, b)) {
                return ReferenceOutcome.fault(WalkFault.INPUT_RANGE, level);
            }
        }
        boolean keepsAccessed = bit(p.flags, 0);
        boolean keepsDirty = bit(p.flags, 1);
        boolean allowed = true;
        long table = p.root;
        while (true) {
            int low = 12 + 9 * (level - 1);
            long at = table + 8 * ((address >> low) & (level == 6 ? 0x7f : 0x1ff));
            if (at >>> 32 != 0) {
                return ReferenceOutcome.fault(WalkFault.EXTERNAL_ABORT, level); // memory ends there
            }
            long e = words.computeIfAbsent(at, memory::read64);
            if (!bit(e, 0)) {
                return ReferenceOutcome.fault(WalkFault.TRANSLATION, level);
            }
            allowed &= bit(e, write ? 62 : 61);
            int next = (int) (e >> 9) & 7;
            if (next == 0 || next == 7) {
                int size = next == 7 ? 12 : low;
                while (next == 7 && size < 52 && bit(e, size)) {
                    size++;
                }
                size += next == 7 ? 1 : 0;
                if (size > 52 || level == 6) {
                    return ReferenceOutcome.fault(WalkFault.RESERVED_BIT, level);
                }
                if (!allowed) {
                    return ReferenceOutcome.fault(WalkFault.PERMISSION, level);
                }
                words.put(at, e | (keepsAccessed ? 1L << 5 : 0) | (keepsDirty && write ? 1L << 6 : 0));
                long within = (1L << size) - 1;
                long output = e & 0x000f_ffff_ffff_f000L & ~within | address & within;
                return new ReferenceOutcome(WalkFault.NONE, level, output, true, 1, 0, false);
            }
            if (next >= level) {
                return ReferenceOutcome.fault(WalkFault.RESERVED_BIT, level);
            }
            for (int b = 12 + 9 * next; b < low; b++) {
                if (bit(address, b)) {
                    return ReferenceOutcome.fault(WalkFault.TRANSLATION, level);
                }
            }
            words.put(at, e | (keepsAccessed ? 1L << 5 : 0));
            table = e & 0x000f_ffff_ffff_f000L;
            level = next;
        }
    }
}
