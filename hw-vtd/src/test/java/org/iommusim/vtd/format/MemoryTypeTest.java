package org.iommusim.vtd.format;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.iommusim.vtd.spec.Cap;
import org.iommusim.vtd.spec.ContextEntry;
import org.iommusim.vtd.spec.PasidEntry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MemoryTypeTest {
    private static final int SNOOPED_WB = MemoryType.WB | MemoryType.SNOOP;

    private final TranslationConfig config = new TranslationConfig();

    private void decode(long[] words, Cap cap) {
        // Index 0 write-back, 1 write-through, 2 uncached-, 3 uncached, 4 write-combining, 5 write-protected.
        PasidEntry.PAT.put(words, 0x0051_0746);
        assertThat(PasidDecoder.decode(words, cap, Units.HAW, config)).isZero();
    }

    private static long[] first() {
        return PasidEntry.firstStage(0x5000, 4, 1);
    }

    private static long[] second(boolean emte) {
        long[] words = PasidEntry.secondStage(0x6000, 4, 1);
        PasidEntry.EMTE.put(words, emte ? 1 : 0);
        return words;
    }

    private static long[] nested(boolean emte) {
        return PasidEntry.nested(second(emte), 0x5000, 4, 2);
    }

    private int type(long stage1, long stage2) {
        return MemoryType.of(config, stage1, stage2) & 7;
    }

    @Test
    void shouldBeWriteBackInLegacyMode() {
        ContextDecoder.decode(ContextEntry.present(0, 0x5000, 4, 1), Units.full(), Units.HAW, config);
        assertThat(MemoryType.of(config, 3, 0)).isEqualTo(SNOOPED_WB);
    }

    @Test
    void shouldBeWriteBackWithoutMemoryTypes() {
        decode(first(), Units.without(Cap.MTS));
        assertThat(MemoryType.of(config, 3, 0)).isEqualTo(SNOOPED_WB);
    }

    @ParameterizedTest
    @CsvSource({"0, 6", "1, 4", "2, 0", "3, 0", "4, 1", "5, 5"})
    void shouldChooseFromThePageAttributeTable(int index, int type) {
        decode(first(), Units.full());
        assertThat(type(index, 0)).isEqualTo(type);
    }

    @Test
    void shouldBeUncachedIfTheEntrySaysSo() {
        long[] words = first();
        PasidEntry.CD.put(words, 1);
        decode(words, Units.full());
        assertThat(type(0, 0)).isEqualTo(MemoryType.UC);
    }

    @Test
    void shouldTakeTheSecondLeafsTypeOnlyIfTheEntrySaysSo() {
        decode(second(false), Units.full());
        assertThat(type(0, MemoryType.WC)).isEqualTo(MemoryType.WB);
        decode(second(true), Units.full());
        assertThat(type(0, MemoryType.WC)).isEqualTo(MemoryType.WC);
    }

    /** The second stage's type, the first one's, and what comes of them. */
    @ParameterizedTest
    @CsvSource({
        "0, 6, 0", "0, 4, 0", "0, 7, 0", "0, 0, 0", "0, 1, 1", "0, 5, 0",
        "1, 6, 1", "1, 4, 0", "1, 7, 1", "1, 0, 0", "1, 1, 1", "1, 5, 0",
        "4, 6, 4", "4, 4, 4", "4, 7, 0", "4, 0, 0", "4, 1, 1", "4, 5, 5",
        "5, 6, 5", "5, 4, 4", "5, 7, 0", "5, 0, 0", "5, 1, 1", "5, 5, 5",
        "6, 6, 6", "6, 4, 4", "6, 7, 0", "6, 0, 0", "6, 1, 1", "6, 5, 5",
        "7, 6, 7", "7, 4, 0"
    })
    void shouldCombineBothStages(int second, int first, int type) {
        decode(nested(true), Units.full());
        int index = List.of(
                        MemoryType.WB, MemoryType.WT, MemoryType.UC_MINUS, MemoryType.UC, MemoryType.WC, MemoryType.WP)
                .indexOf(first);
        assertThat(type(index, second)).isEqualTo(type);
    }

    @Test
    void shouldTakeTheFirstStagesTypeIfTheSecondSaysNothing() {
        decode(nested(false), Units.full());
        assertThat(type(1, MemoryType.UC)).isEqualTo(MemoryType.WT);
    }

    @Test
    void shouldIgnoreTheFirstStageIfTheSecondLeafSaysSo() {
        long leaf = MemoryType.WB | SecondStage.ATTRIBUTE_IPAT;
        decode(nested(true), Units.full());
        assertThat(type(3, leaf)).isEqualTo(MemoryType.WB);
        decode(nested(false), Units.full());
        assertThat(type(3, leaf)).isEqualTo(MemoryType.UC);
    }

    @Test
    void shouldTakePassThroughsTypeFromTheEntry() {
        long[] words = PasidEntry.passThrough(1);
        PasidEntry.EMT.put(words, MemoryType.WC);
        decode(words, Units.full());
        assertThat(type(0, 0)).isEqualTo(MemoryType.WB);
        PasidEntry.EMTE.put(words, 1);
        decode(words, Units.full());
        assertThat(type(0, 0)).isEqualTo(MemoryType.WC);
    }

    @Test
    void shouldSnoopWhatIsNotWriteBackOnlyIfSomebodySaysSo() {
        decode(nested(true), Units.full());
        assertThat(MemoryType.of(config, 3, MemoryType.WB)).isEqualTo(MemoryType.UC);
        assertThat(MemoryType.of(config, 3, MemoryType.WB | SecondStage.ATTRIBUTE_SNP))
                .isEqualTo(MemoryType.UC | MemoryType.SNOOP);
        assertThat(MemoryType.of(config, 0, MemoryType.WB)).isEqualTo(SNOOPED_WB);
        long[] words = nested(true);
        PasidEntry.PGSNP.put(words, 1);
        decode(words, Units.full());
        assertThat(MemoryType.of(config, 3, MemoryType.WB)).isEqualTo(MemoryType.UC | MemoryType.SNOOP);
    }

    @Test
    void shouldKnowWhetherWalksAreSnooped() {
        long[] words = first();
        decode(words, Units.full());
        assertThat(MemoryType.walksSnooped(config)).isFalse();
        PasidEntry.PWSNP.put(words, 1);
        decode(words, Units.without(Cap.MTS));
        assertThat(MemoryType.walksSnooped(config)).isTrue();
    }
}
