package org.iommusim.hw.x86;

import java.util.Map;
import java.util.TreeMap;
import org.iommusim.hw.walk.ReferenceOutcome;
import org.iommusim.hw.walk.ReferenceWalker;
import org.iommusim.hw.walk.StageParameters;
import org.iommusim.hw.walk.WalkFault;
import org.iommusim.sim.memory.PhysicalMemory;
import org.jspecify.annotations.Nullable;

/** A second reading of the rules of x86-64 tables: recursive, with single bits by number. */
public final class NaiveX86Walker implements ReferenceWalker {
    private final PhysicalMemory memory;
    private final StageParameters p;
    private final @Nullable ReferenceWalker second;
    private final Map<Long, Long> words;

    /**
     * Over another walker, or alone.
     *
     * @param words where what hardware leaves in words is kept: the same map as the other walker's
     */
    public NaiveX86Walker(
            PhysicalMemory memory, StageParameters p, @Nullable ReferenceWalker second, Map<Long, Long> words) {
        this.memory = memory;
        this.p = p;
        this.second = second;
        this.words = words;
    }

    /** Alone. */
    public NaiveX86Walker(PhysicalMemory memory, StageParameters p) {
        this(memory, p, null, new TreeMap<>());
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
            if (bit(address, b) != bit(address, p.inputBits - 1)) {
                return ReferenceOutcome.fault(WalkFault.INPUT_RANGE, p.startLevel);
            }
        }
        return table(p.root, p.startLevel, address, write, execute, privileged, true);
    }

    /** {@code user}: all tables above are for users. */
    private ReferenceOutcome table(
            long table, int level, long address, boolean write, boolean execute, boolean privileged, boolean user) {
        int low = 12 + 9 * (level - 1);
        long ipa = table + 8 * ((address >> low) & 0x1ff);
        long at = ipa;
        if (second != null) {
            ReferenceOutcome place = second.access(ipa, false, false, false).below(ipa, true, false);
            if (place.fault() != WalkFault.NONE) {
                return place;
            }
            at = place.output();
        }
        if (at >>> 32 != 0) {
            return ReferenceOutcome.fault(WalkFault.EXTERNAL_ABORT, level); // memory ends there
        }
        long e = words.computeIfAbsent(at, memory::read64);
        if (!bit(e, 0)) {
            return ReferenceOutcome.fault(WalkFault.TRANSLATION, level);
        }
        boolean large = bit(e, 7) && (level == 2 || level == 3);
        boolean leaf = level == 1 || large;
        boolean userHere = user && bit(e, 2);
        if (!allowed(e, leaf, userHere, write, execute, privileged)) {
            return ReferenceOutcome.fault(WalkFault.PERMISSION, level);
        }
        if (reservedBitSet(e, level, large, low)) {
            return ReferenceOutcome.fault(WalkFault.RESERVED_BIT, level);
        }
        long marked = marked(e, leaf && write);
        if (marked != e) {
            if (second != null) {
                ReferenceOutcome mayWrite =
                        second.access(ipa, true, false, false).below(ipa, true, false);
                if (mayWrite.fault() != WalkFault.NONE) {
                    return mayWrite;
                }
            }
            words.put(at, marked);
        }
        long base = e & 0x000f_ffff_ffff_f000L;
        if (!leaf) {
            return table(base, level - 1, address, write, execute, privileged, userHere);
        }
        long within = (1L << low) - 1;
        long output = base & ~within | address & within;
        return second == null
                ? new ReferenceOutcome(WalkFault.NONE, level, output, bit(e, 8), 1, 0, false)
                : second.access(output, write, execute, privileged).below(output, false, bit(e, 8));
    }

    private long marked(long e, boolean dirties) {
        long marked = e;
        if (!on(X86Table.LEAVES_ACCESSED)) {
            marked |= 1L << 5 | (on(X86Table.EXTENDED_ACCESSED) ? 1L << 10 : 0);
        }
        return dirties && !on(X86Table.LEAVES_DIRTY) ? marked | 1L << 6 : marked;
    }

    private boolean allowed(long e, boolean leaf, boolean user, boolean write, boolean execute, boolean privileged) {
        if (!privileged && !user) {
            return false;
        }
        if (write && !bit(e, 1) && (!privileged || on(X86Table.WP))) {
            return false;
        }
        if (execute && bit(e, 63) && on(X86Table.NXE)) {
            return false;
        }
        return !(execute && privileged && leaf && user && on(X86Table.SMEP));
    }

    private boolean reservedBitSet(long e, int level, boolean large, int low) {
        if (level > 3 && bit(e, 7)) {
            return true;
        }
        if (large && level == 3 && !on(X86Table.GIGABYTE_PAGES)) {
            return true;
        }
        for (int b = 13; large && b < low; b++) {
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
