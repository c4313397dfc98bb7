package org.iommusim.hw.cache;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.iommusim.sim.Simulation;
import org.iommusim.sim.testkit.Gen;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Random histories against an oracle that is a list of what was inserted and neither removed nor evicted. */
class TaggedCacheHistoriesTest {
    private static final int SETS = 4;

    private enum Kind {
        INSERT,
        LOOKUP,
        INVALIDATE_TAG,
        INVALIDATE_ALL
    }

    private record Operation(Kind kind, long address, int shift, long tag) {}

    private record Known(long address, long mask, long tag, long value) {
        boolean covers(long other, long otherTag) {
            return tag == otherTag && (other & mask) == address;
        }
    }

    private static List<Operation> history(Gen gen) {
        return gen.list(
                400,
                g -> new Operation(
                        Kind.values()[g.weighted(40, 55, 4, 1)], g.below(64L) << 12, g.oneIn(4) ? 14 : 12, g.below(3)));
    }

    @ParameterizedTest
    @EnumSource(Replacement.class)
    void shouldHoldExactlyWhatItWasGivenMinusVictims(Replacement replacement) {
        IntStream.range(0, 100)
                .forEach(seed -> Gen.check(seed, TaggedCacheHistoriesTest::history, ops -> replay(ops, replacement)));
    }

    private static void replay(List<Operation> operations, Replacement replacement) {
        TaggedCache cache =
                new TaggedCache(Simulation.seeded(3).build(), "c", new CacheShape(SETS * 4, 4, 1, replacement));
        List<Known> oracle = new ArrayList<>();
        long stamp = 0;
        for (Operation op : operations) {
            // The index does not depend on the page size here, so that a lookup needs to look in one set only.
            long index = op.address >>> 14;
            switch (op.kind) {
                case INSERT -> {
                    stamp++;
                    insert(cache, oracle, op, index, stamp);
                }
                case LOOKUP -> {
                    int found = cache.lookup(index, op.address | 0xabc, op.tag, 0);
                    List<Long> possible = oracle.stream()
                            .filter(k -> k.covers(op.address | 0xabc, op.tag))
                            .map(Known::value)
                            .toList();
                    if (possible.isEmpty()) {
                        assertThat(found).isEqualTo(TaggedCache.NONE);
                    } else {
                        assertThat(possible).contains(cache.value(found, 0));
                    }
                }
                case INVALIDATE_TAG -> {
                    long tag = op.tag;
                    cache.invalidate((c, e) -> c.tagA(e) == tag);
                    oracle.removeIf(k -> k.tag == tag);
                }
                case INVALIDATE_ALL -> {
                    cache.invalidateAll();
                    oracle.clear();
                }
            }
            assertThat(cache.size()).isEqualTo(oracle.size());
        }
    }

    private static void insert(TaggedCache cache, List<Known> oracle, Operation op, long index, long stamp) {
        long mask = -1L << op.shift;
        long address = op.address & mask;
        List<Known> covering =
                oracle.stream().filter(k -> k.covers(address, op.tag)).toList();
        long inSet = oracle.stream()
                .filter(k -> (k.address >>> 14) % SETS == index % SETS)
                .count();
        int entry = cache.insert(index, op.address, mask, op.tag, 0);
        if (!covering.isEmpty() || inSet == 4) {
            Known gone = gone(cache, oracle);
            assertThat((gone.address >>> 14) % SETS).isEqualTo(index % SETS);
            assertThat(covering.isEmpty() || covering.contains(gone)).isTrue();
            oracle.remove(gone);
        }
        cache.value(entry, 0, stamp);
        oracle.add(new Known(address, mask, op.tag, stamp));
    }

    /** The one entry that the cache no longer has. */
    private static Known gone(TaggedCache cache, List<Known> oracle) {
        List<Long> there = new ArrayList<>();
        for (int e = cache.nextValid(0); e != TaggedCache.NONE; e = cache.nextValid(e + 1)) {
            there.add(cache.value(e, 0));
        }
        List<Known> gone = oracle.stream().filter(k -> !there.contains(k.value)).toList();
        assertThat(gone).hasSize(1);
        return gone.get(0);
    }
}
