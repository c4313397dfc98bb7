package org.iommusim.hw.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import org.iommusim.hw.cache.CacheShape;
import org.iommusim.hw.cache.Replacement;
import org.iommusim.hw.cache.TaggedCache;
import org.iommusim.hw.dma.DmaOutcome;
import org.iommusim.hw.walk.Access;
import org.iommusim.sim.Simulation;
import org.iommusim.sim.stats.Counter;
import org.junit.jupiter.api.Test;

/** What an IOTLB keeps is what it answers, for whom and for which accesses. */
class TranslationsTest {
    private static final long TAG = 7;
    private static final int READ = Access.both(Access.READ);

    private final Simulation sim = Simulation.seeded(1).build();
    private final Translations translations =
            new Translations(sim, "iotlb", new CacheShape(8, 4, Translations.VALUES, Replacement.LRU, 0));

    private PlainTransaction at(long address) {
        return PlainTransaction.reading(sim, 0, 1, address);
    }

    private int keep(long address, long output, int shift, int ownShift) {
        PlainTransaction transaction = at(address);
        transaction.output = output;
        transaction.pageShift = shift;
        return translations.keep(transaction, TAG, 0, READ, ownShift, 5, 6);
    }

    private long counted(String name) {
        return ((Counter) sim.statistics().find("iotlb." + name).orElseThrow()).value();
    }

    @Test
    void shouldAnswerForThePageThatItKeeps() {
        keep(0x20_3000, 0x8020_3000L, 21, 30);
        PlainTransaction other = at(0x3f_f008);
        int entry = translations.counted(translations.find(other.iova, TAG, 0), Access.READ);
        translations.answer(entry, other);
        assertThat(other.outcome).isEqualTo(DmaOutcome.OK);
        assertThat(other.output).isEqualTo(0x803f_f008L);
        assertThat(other.pageShift).isEqualTo(21);
        assertThat(translations.permissions(entry)).isEqualTo(READ);
        assertThat(translations.ownShift(entry)).isEqualTo(30);
        assertThat(translations.firstAttributes(entry)).isEqualTo(5);
        assertThat(translations.secondAttributes(entry)).isEqualTo(6);
        assertThat(Translations.ownMask(translations.entries(), entry)).isEqualTo(-1L << 30);
        assertThat(Translations.refuses(translations.entries(), entry)).isFalse();
    }

    @Test
    void shouldFindNothingForOthers() {
        keep(0x5000, 0x9000, 12, 0);
        assertThat(translations.find(0x5000, TAG + 1, 0)).isEqualTo(TaggedCache.NONE);
        assertThat(translations.find(0x5000, TAG, 1)).isEqualTo(TaggedCache.NONE);
        assertThat(translations.find(0x6000, TAG, 0)).isEqualTo(TaggedCache.NONE);
    }

    @Test
    void shouldCountWhatForbidsTheAccessAsAMiss() {
        int kept = keep(0x5000, 0x9000, 12, 0);
        assertThat(translations.counted(kept, Access.WRITE)).isEqualTo(TaggedCache.NONE);
        assertThat(translations.counted(kept, Access.READ)).isEqualTo(kept);
        assertThat(translations.counted(TaggedCache.NONE, Access.READ)).isEqualTo(TaggedCache.NONE);
        assertThat(counted("hits")).isEqualTo(1);
        assertThat(counted("misses")).isEqualTo(2);
    }

    @Test
    void shouldRefuseTheAccessesForWhichItKeepsARefusal() {
        PlainTransaction refused = at(0x5008);
        refused.code = 42;
        refused.pageShift = 12;
        int kept = translations.keepRefusal(refused, TAG, 0, Access.WRITE);
        assertThat(Translations.refuses(translations.entries(), kept)).isTrue();
        assertThat(translations.counted(kept, Access.READ)).isEqualTo(TaggedCache.NONE);
        assertThat(translations.counted(kept, Access.WRITE)).isEqualTo(kept);
        PlainTransaction again = at(0x5ff0);
        translations.answer(kept, again);
        assertThat(again.code).isEqualTo(42);
        assertThat(again.outcome).isEqualTo(DmaOutcome.PENDING);
    }
}
