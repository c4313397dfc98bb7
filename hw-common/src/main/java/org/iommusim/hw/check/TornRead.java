package org.iommusim.hw.check;

import java.util.List;
import java.util.TreeMap;
import org.iommusim.sim.check.Checker;
import org.iommusim.sim.check.CheckerInfo;
import org.iommusim.sim.check.ViolationLog;
import org.iommusim.sim.world.RefCell;
import org.iommusim.sim.world.Variable;
import org.iommusim.sim.world.World;

/**
 * Hardware uses no descriptor that is half old and half new: while software rewrites one word by word, whatever hardware
 * reads is what it was before, what it will be, or invalid.
 */
public final class TornRead implements Checker, DescriptorWatcher {
    /** Its name and what it holds true. */
    public static final CheckerInfo INFO =
            new CheckerInfo("torn-read", "hardware uses no descriptor that is half old and half new");

    private static final Variable REWRITES = Variable.named("check.torn-read");

    private final World world;
    private final ViolationLog violations;
    /** The last rewrite of each descriptor. One that is through finds nothing any more: memory is what it made it. */
    private final TreeMap<Long, RefCell<Rewrite>> rewrites = new TreeMap<>();

    /** Reports to this log. */
    public TornRead(World world, ViolationLog violations) {
        this.world = world;
        this.violations = violations;
    }

    @Override
    public CheckerInfo info() {
        return INFO;
    }

    @Override
    public List<Variable> reads() {
        return List.of(REWRITES);
    }

    @Override
    public void rewrites(long address, Rewrite rewrite) {
        rewrites.computeIfAbsent(address, k -> new RefCell<>(world, REWRITES, k))
                .set(rewrite);
    }

    @Override
    public void stored(long address, long[] words) {
        RefCell<Rewrite> cell = rewrites.get(address);
        Rewrite rewrite = cell == null ? null : cell.get();
        if (cell == null || rewrite == null) {
            return;
        }
        if (rewrite.exposes(words)) {
            violations.report(
                    INFO.name(),
                    "hardware that reads the descriptor at 0x" + Long.toHexString(address) + " now (" + rewrite
                            + ") gets neither the old one nor the new one: it was changed while it was in use");
        }
        cell.set(rewrite.stored(words));
    }

    @Override
    public void settled(SourceKind kind) {
        for (RefCell<Rewrite> cell : rewrites.values()) {
            Rewrite rewrite = cell.get();
            if (rewrite != null) {
                cell.set(rewrite.settled(kind));
            }
        }
    }

    @Override
    public void reads(String reader, long address, long[] words) {
        RefCell<Rewrite> cell = rewrites.get(address);
        Rewrite rewrite = cell == null ? null : cell.get();
        if (rewrite != null && rewrite.mixes(words)) {
            violations.report(
                    INFO.name(),
                    reader + " uses the descriptor at 0x" + Long.toHexString(address)
                            + " while it is being rewritten (" + rewrite
                            + "): what it has read is neither the old one nor"
                            + " the new one");
        }
    }
}
