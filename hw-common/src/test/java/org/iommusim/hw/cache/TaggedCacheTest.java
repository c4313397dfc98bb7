package org.iommusim.hw.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.iommusim.sim.Simulation;
import org.iommusim.sim.stats.Counter;
import org.iommusim.sim.world.Variable;
import org.junit.jupiter.api.Test;

class TaggedCacheTest {
    private static final long PAGE = -1L << 12;
    private static final long BLOCK = -1L << 21;

    private final Simulation sim = Simulation.seeded(1).build();

    private TaggedCache cache(int entries, int ways, Replacement replacement) {
        return new TaggedCache(sim, "tlb", new CacheShape(entries, ways, 2, replacement));
    }

    private long count(String name) {
        return ((Counter) sim.statistics().find("tlb." + name).orElseThrow()).value();
    }

    @Test
    void shouldFindWhatWasInserted() {
        TaggedCache cache = cache(8, 4, Replacement.ROUND_ROBIN);
        int entry = cache.insert(5, 0x5000, PAGE, 7, 8);
        cache.value(entry, 1, 99);

        int found = cache.lookup(5, 0x5abc, 7, 8);

        assertThat(found).isEqualTo(entry);
        assertThat(cache.value(found, 0)).isZero();
        assertThat(cache.value(found, 1)).isEqualTo(99);
        assertThat(cache.address(found)).isEqualTo(0x5000);
        assertThat(cache.lookup(5, 0x5abc, 7, 9)).isEqualTo(TaggedCache.NONE);
        assertThat(cache.lookup(5, 0x6abc, 7, 8)).isEqualTo(TaggedCache.NONE);
        assertThat(count("lookups")).isEqualTo(3);
        assertThat(count("hits")).isEqualTo(1);
        assertThat(count("misses")).isEqualTo(2);
    }

    @Test
    void shouldHoldPagesOfSeveralSizes() {
        TaggedCache cache = cache(4, 0, Replacement.LRU);
        int block = cache.insert(0, 0x40_0000, BLOCK, 0, 0);
        int page = cache.insert(0, 0x20_1000, PAGE, 0, 0);

        assertThat(cache.lookup(0, 0x5f_fff8, 0, 0)).isEqualTo(block);
        assertThat(cache.lookup(0, 0x20_1ff8, 0, 0)).isEqualTo(page);
        assertThat(cache.lookup(0, 0x20_2000, 0, 0)).isEqualTo(TaggedCache.NONE);
    }

    @Test
    void shouldOverwriteAnEqualKeyInPlace() {
        TaggedCache cache = cache(4, 4, Replacement.ROUND_ROBIN);
        int first = cache.insert(0, 0x1000, PAGE, 1, 1);

        assertThat(cache.insert(0, 0x1000, PAGE, 1, 1)).isEqualTo(first);
        assertThat(cache.size()).isEqualTo(1);
        assertThat(cache.insert(0, 0x1000, PAGE, 1, 2)).isNotEqualTo(first);
    }

    @Test
    void shouldTurnRoundWithOneCounterForAllSets() {
        TaggedCache cache = cache(4, 2, Replacement.ROUND_ROBIN);
        for (int i = 0; i < 4; i++) {
            cache.insert(i, (long) i << 12, PAGE, 0, 0);
        }

        int inSet0 = cache.insert(0, 0x10_000, PAGE, 0, 0);
        int inSet1 = cache.insert(1, 0x11_000, PAGE, 0, 0);
        int inSet0Again = cache.insert(0, 0x12_000, PAGE, 0, 0);

        assertThat(inSet0).isEqualTo(1);
        assertThat(inSet1).isEqualTo(2);
        assertThat(inSet0Again).isEqualTo(1);
        assertThat(count("evictions")).isEqualTo(3);
    }

    @Test
    void shouldEvictTheLeastRecentlyUsed() {
        TaggedCache cache = cache(4, 4, Replacement.LRU);
        for (int i = 0; i < 4; i++) {
            cache.insert(0, (long) i << 12, PAGE, 0, 0);
        }
        cache.lookup(0, 0x0000, 0, 0);

        assertThat(cache.insert(0, 0x9000, PAGE, 0, 0)).isEqualTo(1);
    }

    @Test
    void shouldTakeAFillForNoUseWhereOnlyHitsCount() {
        TaggedCache cache = cache(4, 4, Replacement.LRU_BY_HITS);
        for (long page = 0; page < 4; page++) {
            cache.insert(0, page << 12, -4096, 1, 0);
        }
        cache.lookup(0, 0x3000, 1, 0);
        cache.lookup(0, 0, 1, 0);
        int first = cache.insert(0, 4 << 12, -4096, 1, 0);
        assertThat(first).as("the lowest that was never hit").isEqualTo(1);
        assertThat(cache.insert(0, 5 << 12, -4096, 1, 0))
                .as("nor was the one just filled")
                .isEqualTo(1);
    }

    @Test
    void shouldNotSeeTheVeryFirstHitWhereOnlyHitsCount() {
        TaggedCache cache = cache(4, 4, Replacement.LRU_BY_HITS);
        for (long page = 0; page < 4; page++) {
            cache.insert(0, page << 12, PAGE, 1, 0);
        }
        cache.lookup(0, 0, 1, 0);

        assertThat(cache.insert(0, 4 << 12, PAGE, 1, 0)).isZero();
    }

    @Test
    void shouldDrawAsThePublishedTwisterDraws() {
        // The 10,000th number with the seed 5489, which the C++ standard prescribes (26.6.5).
        Twister twister = new Twister(sim.world(), Variable.unhashed("twister"), 1, 5489);
        long last = 0;
        for (int i = 0; i < 10_000; i++) {
            last = twister.draw();
        }
        assertThat(Long.toUnsignedString(last)).isEqualTo("9981545732273789042");
    }

    @Test
    void shouldChooseTheTwistersWay() {
        TaggedCache cache = new TaggedCache(sim, "tlb", new CacheShape(4, 4, 0, Replacement.TWISTER, 0xEA752DFEL));
        Twister same = new Twister(sim.world(), Variable.unhashed("twister"), 1, 0xEA752DFEL);
        for (long page = 0; page < 4; page++) {
            cache.insert(0, page << 12, PAGE, 0, 0);
        }
        for (long page = 4; page < 400; page++) {
            int way = (int) (same.draw() >>> 62);
            assertThat(cache.insert(0, page << 12, PAGE, 0, 0)).isEqualTo(way);
        }
    }

    @Test
    void shouldTakeOnlyTheWaysThatAreAllowed() {
        TaggedCache cache = cache(4, 4, Replacement.ROUND_ROBIN);
        assertThat(cache.insert(0, 0x1000, PAGE, 0, 0, 3, 1)).isEqualTo(3);
        for (long page = 2; page < 5; page++) {
            assertThat(cache.insert(0, page << 12, PAGE, 0, 0, 0, 3)).isEqualTo((int) page - 2);
        }
        assertThat(cache.insert(0, 0x5000, PAGE, 0, 0, 0, 3)).isEqualTo(1);
        assertThat(cache.insert(0, 0x6000, PAGE, 0, 0, 0, 3)).isEqualTo(2);
        assertThat(cache.insert(0, 0x7000, PAGE, 0, 0, 0, 3)).isEqualTo(0);
        assertThat(cache.insert(0, 0x8000, PAGE, 0, 0, 3, 1)).isEqualTo(3);
        assertThat(cache.insert(0, 0x8000, PAGE, 0, 0, 0, 3))
                .as("it is there already")
                .isEqualTo(3);
    }

    @Test
    void shouldOverwriteWhatCoversTheAddress() {
        TaggedCache cache = cache(4, 4, Replacement.ROUND_ROBIN);
        int block = cache.insert(0, 0x20_0000, BLOCK, 0, 0);
        assertThat(cache.insert(0, 0x20_1000, PAGE, 0, 0)).isEqualTo(block);
        assertThat(cache.size()).isEqualTo(1);
    }

    @Test
    void shouldPointAwayFromRecentUseWithPseudoLru() {
        TaggedCache cache = cache(4, 4, Replacement.PSEUDO_LRU);
        for (int i = 0; i < 4; i++) {
            cache.insert(0, (long) i << 12, PAGE, 0, 0);
        }
        cache.lookup(0, 0x0000, 0, 0);

        // The root points to the right half, and there the older of ways 2 and 3 is way 2.
        assertThat(cache.insert(0, 0x9000, PAGE, 0, 0)).isEqualTo(2);
    }

    @Test
    void shouldFillAnInvalidWayFirst() {
        TaggedCache cache = cache(4, 4, Replacement.RANDOM);
        for (int i = 0; i < 4; i++) {
            cache.insert(0, (long) i << 12, PAGE, 0, i);
        }
        assertThat(cache.invalidate((c, e) -> c.tagB(e) == 2)).isEqualTo(1);

        assertThat(cache.insert(0, 0x9000, PAGE, 0, 0)).isEqualTo(2);
        assertThat(count("evictions")).isZero();
        assertThat(count("invalidated")).isEqualTo(1);
    }

    @Test
    void shouldForgetEverything() {
        TaggedCache cache = cache(4, 2, Replacement.LRU);
        cache.insert(0, 0x1000, PAGE, 0, 0);
        cache.insert(1, 0x2000, PAGE, 0, 0);

        assertThat(cache.invalidateAll()).isEqualTo(2);
        assertThat(cache.nextValid(0)).isEqualTo(TaggedCache.NONE);
        assertThat(cache.lookup(0, 0x1000, 0, 0)).isEqualTo(TaggedCache.NONE);
    }

    @Test
    void shouldRefuseImpossibleShapes() {
        assertThatThrownBy(() -> new CacheShape(6, 4, 1, Replacement.LRU)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new CacheShape(6, 3, 1, Replacement.PSEUDO_LRU))
                .isInstanceOf(IllegalArgumentException.class);
        TaggedCache cache = cache(4, 4, Replacement.LRU);
        assertThatThrownBy(() -> cache.insert(0, 0, 0, 0, 0)).isInstanceOf(IllegalArgumentException.class);
    }
}
