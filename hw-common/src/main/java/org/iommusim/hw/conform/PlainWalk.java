package org.iommusim.hw.conform;

import org.iommusim.hw.walk.StageParameters;
import org.iommusim.hw.walk.WalkAction;
import org.iommusim.hw.walk.WalkState;
import org.iommusim.sim.memory.PhysicalMemory;
import org.jspecify.annotations.Nullable;

/**
 * Walks tables as they are in memory now, without engine, caches and time, and without a trace: flags that hardware would set
 * are taken as set. What cannot be read, or is not legal, is {@code null}.
 */
public final class PlainWalk {
    /** More than any walk has: levels, updates, and one restart. */
    private static final int ACTIONS_MAX = 32;

    private final PhysicalMemory memory;

    /** Walks in this memory. */
    public PlainWalk(PhysicalMemory memory) {
        this.memory = memory;
    }

    /** A walk to its leaf, permissions left aside; its table reads go through {@code below} if that is given. */
    public @Nullable WalkState walk(StageParameters stage, @Nullable StageParameters below, long input) {
        if (stage.format == null) {
            return null;
        }
        WalkState state = new WalkState();
        state.parameters.copyFrom(stage);
        state.begin(input, 0);
        WalkAction action = stage.format.start(state);
        for (int i = 0; i < ACTIONS_MAX && (action == WalkAction.READ || action == WalkAction.UPDATE); i++) {
            long descriptor = state.updateValue;
            if (action == WalkAction.READ) {
                long[] read = read(state.readAddress, below);
                if (read == null) {
                    return null;
                }
                descriptor = read[0];
            }
            action = stage.format.descriptor(state, descriptor);
        }
        return action == WalkAction.LEAF ? state : null;
    }

    private long @Nullable [] read(long address, @Nullable StageParameters below) {
        if (below == null) {
            return words(address, 1);
        }
        WalkState nested = walk(below, null, address);
        return nested == null ? null : words(nested.output(), 1);
    }

    /** 64-bit words of memory. */
    public long @Nullable [] words(long address, int count) {
        long[] words = new long[count];
        for (int i = 0; i < count; i++) {
            if (!memory.present(address + 8L * i)) {
                return null;
            }
            words[i] = memory.read64(address + 8L * i);
        }
        return words;
    }
}
