package org.iommusim.hw.walk;

import java.util.ArrayList;
import java.util.List;
import org.iommusim.sim.world.LongCell;
import org.iommusim.sim.world.Variable;
import org.iommusim.sim.world.World;

/**
 * External aborts on demand: which of an IOMMU's own accesses to memory (tables, configuration, commands, records, MSIs)
 * the bus refuses, although there is memory. Accesses are counted in the order in which they happen, so the same run
 * aborts the same access again.
 *
 * <p>How many accesses a rule has seen is part of the world; the rules themselves are not, so rules that are added in an
 * exploration stay when it goes back.
 */
public final class BusFaults {
    /** Value of {@code times}: for ever. */
    public static final long ALWAYS = Long.MAX_VALUE;

    /** The variable of how many accesses the rules have seen. */
    public static final Variable SEEN = Variable.named("bus.fault.seen");

    private final World world;
    private final List<Rule> rules = new ArrayList<>();

    /** Makes an injector without rules. */
    public BusFaults(World world) {
        this.world = world;
    }

    private record Rule(long first, long last, boolean reads, boolean writes, long skip, long times, LongCell seen) {}

    /** Aborts every read of a range of addresses. */
    public void abortReads(long address, long bytes) {
        abort(address, bytes, true, false, 0, ALWAYS);
    }

    /** Aborts every write of a range of addresses. */
    public void abortWrites(long address, long bytes) {
        abort(address, bytes, false, true, 0, ALWAYS);
    }

    /** Aborts one read: the {@code n}th from now on, counted from 1, wherever it goes. */
    public void abortNthRead(long n) {
        abort(0, Long.MAX_VALUE, true, false, n - 1, 1);
    }

    /**
     * Adds a rule.
     *
     * @param address first address it is about
     * @param bytes how many
     * @param reads it is about reads
     * @param writes it is about writes
     * @param skip how many such accesses pass first
     * @param times how many are aborted then; the later ones pass
     */
    public void abort(long address, long bytes, boolean reads, boolean writes, long skip, long times) {
        if (address < 0 || bytes <= 0 || skip < 0 || times <= 0) {
            throw new IllegalArgumentException("no access to abort: address " + address + ", bytes " + bytes + ", skip "
                    + skip + ", times " + times);
        }
        LongCell seen = new LongCell(world, SEEN, rules.size(), 0);
        rules.add(new Rule(address, address + (bytes - 1), reads, writes, skip, times, seen));
    }

    /** Forgets all rules. */
    public void clear() {
        rules.clear();
    }

    /** Counts one access and says whether it is aborted. */
    boolean hits(long address, boolean write) {
        boolean aborted = false;
        for (int i = 0; i < rules.size(); i++) {
            Rule rule = rules.get(i);
            if ((write ? rule.writes : rule.reads) && address >= rule.first && address <= rule.last) {
                long number = rule.seen.add(1) - 1;
                aborted |= number >= rule.skip && number - rule.skip < rule.times;
            }
        }
        return aborted;
    }
}
