package org.iommusim.hw.cache;

import java.util.Objects;
import org.iommusim.sim.random.RandomStream;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.LongArrayCell;
import org.iommusim.sim.world.LongCell;
import org.iommusim.sim.world.Variable;
import org.iommusim.sim.world.World;
import org.jspecify.annotations.Nullable;

/** What a cache remembers in order to choose victims. Undone with the world, but never hashed. */
final class ReplacementState {
    private static final Variable RECENCY = Variable.unhashed("cache.recency");

    private final Replacement policy;
    private final int ways;
    private final RandomStream random;
    private final IntCell turn;
    private final LongCell clock;
    /** LRU: last use per entry. Pseudo LRU: tree bits per set, node n at bit n, the root is node 1. */
    private final LongArrayCell marks;

    private final @Nullable Twister twister;

    ReplacementState(World world, long instance, CacheShape shape, RandomStream random) {
        policy = shape.replacement();
        ways = shape.ways();
        this.random = random;
        turn = new IntCell(world, RECENCY, instance, 0);
        clock = new LongCell(world, RECENCY, instance + 1, 0);
        int length = switch (policy) {
            case LRU, LRU_BY_HITS -> shape.entries();
            case PSEUDO_LRU -> shape.sets();
            default -> 0;
        };
        marks = new LongArrayCell(world, RECENCY, instance + 2, length);
        twister =
                policy == Replacement.TWISTER ? new Twister(world, RECENCY, world.nextInstance(), shape.seed()) : null;
    }

    /** An entry was filled. */
    void filled(int entry) {
        if (policy == Replacement.LRU_BY_HITS) {
            marks.set(entry, 0);
        } else {
            used(entry);
        }
    }

    /** An entry was hit. */
    void used(int entry) {
        if (policy == Replacement.LRU || policy == Replacement.LRU_BY_HITS) {
            long stamp = clock.get() + 1;
            clock.set(stamp);
            // gem5 counts from 0, so that the very first hit leaves no mark.
            marks.set(entry, policy == Replacement.LRU ? stamp : stamp - 1);
        } else if (policy == Replacement.PSEUDO_LRU) {
            pointAway(entry / ways, entry % ways);
        }
    }

    /**
     * The way that has to go from a set whose first entry is {@code first}.
     *
     * @param among how many ways there are to choose from; pseudo LRU always chooses from all
     */
    int victim(int first, int among) {
        return switch (policy) {
            case ROUND_ROBIN -> {
                int way = (turn.get() + 1) % among;
                turn.set(way);
                yield way;
            }
            case RANDOM -> random.nextInt(among);
            case TWISTER -> Objects.requireNonNull(twister).below(among);
            case LRU, LRU_BY_HITS -> oldest(first, among);
            case PSEUDO_LRU -> followTree(first / ways);
        };
    }

    private int oldest(int first, int among) {
        int oldest = 0;
        for (int way = 1; way < among; way++) {
            if (marks.get(first + way) < marks.get(first + oldest)) {
                oldest = way;
            }
        }
        return oldest;
    }

    private void pointAway(int set, int way) {
        long tree = marks.get(set);
        int node = 1;
        for (int half = ways >> 1; half > 0; half >>= 1) {
            boolean right = (way & half) != 0;
            tree = right ? tree & ~(1L << node) : tree | 1L << node;
            node = 2 * node + (right ? 1 : 0);
        }
        marks.set(set, tree);
    }

    private int followTree(int set) {
        long tree = marks.get(set);
        int node = 1;
        int way = 0;
        for (int half = ways >> 1; half > 0; half >>= 1) {
            boolean right = (tree & 1L << node) != 0;
            way |= right ? half : 0;
            node = 2 * node + (right ? 1 : 0);
        }
        return way;
    }
}
