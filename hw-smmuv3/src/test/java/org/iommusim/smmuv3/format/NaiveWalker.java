package org.iommusim.smmuv3.format;

import java.util.Map;
import java.util.TreeMap;
import org.iommusim.hw.walk.ReferenceOutcome;
import org.iommusim.hw.walk.ReferenceWalker;
import org.iommusim.hw.walk.StageParameters;
import org.iommusim.hw.walk.WalkFault;
import org.iommusim.sim.memory.PhysicalMemory;

/**
 * A second reading of the rules, written for clarity: recursive, with single bits by number, without any code of the
 * formats. It says what one access to one address must give, and what hardware must leave in each word that it has to look
 * at. It changes nothing in memory.
 */
final class NaiveWalker implements ReferenceWalker {
    private final PhysicalMemory memory;
    private final StageParameters p;
    private final boolean stage1;
    private NaiveWalker second;
    private Map<Long, Long> words = new TreeMap<>();

    NaiveWalker(PhysicalMemory memory, StageParameters p, boolean stage1) {
        this.memory = memory;
        this.p = p;
        this.stage1 = stage1;
    }

    /** This stage over another; {@code null}: alone. */
    NaiveWalker over(NaiveWalker newSecond) {
        second = newSecond;
        if (second != null) {
            words = second.words;
        }
        return this;
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
        long top = address;
        if (stage1 && on(Vmsav8.TBI)) {
            top = bit(address, 55) ? address | 0xffL << 56 : address & -1L >>> 8;
        }
        for (int b = p.inputBits; b < 64; b++) {
            if (bit(top, b) != (stage1 && on(Vmsav8.HIGH))) {
                return ReferenceOutcome.fault(WalkFault.INPUT_RANGE, p.startLevel);
            }
        }
        long offset = top & (1L << p.inputBits) - 1;
        int low = p.granuleShift;
        for (int level = 3; level > p.startLevel; level--) {
            low += p.granuleShift - 3;
        }
        return table(p.root, p.startLevel, low, offset, write, execute, privileged, new boolean[4]);
    }

    /** {@code denied} by the tables above: writes, unprivileged, unprivileged execution, privileged execution. */
    private ReferenceOutcome table(
            long table,
            int level,
            int low,
            long offset,
            boolean write,
            boolean execute,
            boolean privileged,
            boolean[] denied) {
        long ipa = table + 8 * (offset >> low);
        long at = ipa;
        if (second != null) {
            // Where the entry lies is an address of stage 1's space.
            ReferenceOutcome place = second.access(ipa, false, false, false).below(ipa, true, false);
            if (place.fault() != WalkFault.NONE) {
                return place;
            }
            at = place.output();
        }
        long d = words.computeIfAbsent(at, memory::read64);
        boolean isTable = level < 3 && bit(d, 1);
        boolean isPage = level == 3 && bit(d, 1);
        boolean isBlock = level < 3 && !bit(d, 1) && blockAllowed(level);
        if (!bit(d, 0) || !(isTable || isPage || isBlock)) {
            return ReferenceOutcome.fault(WalkFault.TRANSLATION, level);
        }
        long output = output(d, isTable ? p.granuleShift : low);
        for (int b = p.outputBits; b < 64; b++) {
            if (bit(output, b)) {
                return ReferenceOutcome.fault(WalkFault.ADDRESS_SIZE, level);
            }
        }
        if (isTable) {
            boolean[] more = denied.clone();
            if (stage1 && !on(Vmsav8.HAD)) {
                more[0] |= bit(d, 62);
                more[1] |= bit(d, 61) && !on(Vmsav8.EL2);
                more[2] |= bit(d, 60);
                more[3] |= bit(d, 59);
            }
            long rest = offset & (1L << low) - 1;
            return table(output, level + 1, low - (p.granuleShift - 3), rest, write, execute, privileged, more);
        }
        if (!bit(d, 10) && !on(Vmsav8.AFFD) && !on(Vmsav8.HA)) {
            return ReferenceOutcome.fault(WalkFault.ACCESS_FLAG, level);
        }
        boolean dirtyManaged = on(Vmsav8.HD) && bit(d, 51);
        boolean allowed = stage1
                ? allowed1(d, dirtyManaged, write, execute, privileged, denied)
                : allowed2(d, dirtyManaged, write, execute, privileged);
        if (!allowed) {
            return ReferenceOutcome.fault(WalkFault.PERMISSION, level);
        }
        long updated = d;
        if (on(Vmsav8.HA)) {
            updated |= 1L << 10;
        }
        if (dirtyManaged && write) {
            updated = stage1 ? updated & ~(1L << 7) : updated | 1L << 7;
        }
        if (updated != d) {
            if (second != null) {
                ReferenceOutcome mayWrite =
                        second.access(ipa, true, false, false).below(ipa, true, false);
                if (mayWrite.fault() != WalkFault.NONE) {
                    return mayWrite;
                }
            }
            words.put(at, updated);
        }
        long physical = output | offset & (1L << low) - 1;
        boolean global = stage1 && (!bit(d, 11) || on(Vmsav8.EL2));
        return second == null
                ? new ReferenceOutcome(WalkFault.NONE, level, physical, global, 1, 0, false)
                : second.access(physical, write, execute, privileged).below(physical, false, global);
    }

    private boolean blockAllowed(int level) {
        if (p.granuleShift == 12) {
            return level == 1 || level == 2 || level == 0 && on(Vmsav8.DS);
        }
        if (p.granuleShift == 14) {
            return level == 2 || level == 1 && on(Vmsav8.DS);
        }
        return level == 2 || level == 1 && on(Vmsav8.LPA_64K);
    }

    private long output(long d, int low) {
        long address = 0;
        for (int b = low; b < (on(Vmsav8.DS) ? 50 : 48); b++) {
            address |= bit(d, b) ? 1L << b : 0;
        }
        for (int b = 12; b < 16 && on(Vmsav8.LPA_64K); b++) {
            address |= bit(d, b) ? 1L << b + 36 : 0;
        }
        if (on(Vmsav8.DS)) {
            address |= bit(d, 8) ? 1L << 50 : 0;
            address |= bit(d, 9) ? 1L << 51 : 0;
        }
        return address;
    }

    private boolean allowed1(
            long d, boolean dirtyManaged, boolean write, boolean execute, boolean privileged, boolean[] denied) {
        // A read-only entry whose dirty state hardware keeps counts as writable, also for what may be executed.
        boolean writable = (!bit(d, 7) || dirtyManaged) && !denied[0];
        boolean unprivileged = (bit(d, 6) || on(Vmsav8.EL2)) && !denied[1];
        boolean wxn = on(Vmsav8.WXN) && writable;
        if (execute) {
            if (on(Vmsav8.EL2)) {
                return !bit(d, 54) && !denied[2] && !wxn;
            }
            return privileged
                    ? !bit(d, 53) && !denied[3] && !(unprivileged && writable) && !wxn
                    : !bit(d, 54) && !denied[2] && !(wxn && unprivileged);
        }
        if (!privileged && !unprivileged) {
            return false;
        }
        if (privileged && on(Vmsav8.PAN) && !on(Vmsav8.EL2) && unprivileged) {
            return false;
        }
        return !write || writable;
    }

    private boolean allowed2(long d, boolean dirtyManaged, boolean write, boolean execute, boolean privileged) {
        if (execute) {
            int xn = (bit(d, 54) ? 2 : 0) + (bit(d, 53) && on(Vmsav8.XNX) ? 1 : 0);
            return xn == 0 || xn == (privileged ? 3 : 1);
        }
        return write ? bit(d, 7) || dirtyManaged : bit(d, 6);
    }
}
