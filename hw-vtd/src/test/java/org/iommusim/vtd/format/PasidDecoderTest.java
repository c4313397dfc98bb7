package org.iommusim.vtd.format;

import static org.assertj.core.api.Assertions.assertThat;

import org.iommusim.hw.spec.BitField;
import org.iommusim.hw.x86.X86Table;
import org.iommusim.sim.testkit.Rule;
import org.iommusim.vtd.spec.Cap;
import org.iommusim.vtd.spec.FaultReason;
import org.iommusim.vtd.spec.PasidDirEntry;
import org.iommusim.vtd.spec.PasidEntry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PasidDecoderTest {
    private final TranslationConfig config = new TranslationConfig();

    private int decode(long[] words, Cap cap) {
        return PasidDecoder.decode(words, cap, Units.HAW, config);
    }

    private int decode(long[] words) {
        return decode(words, Units.full());
    }

    private static long[] first() {
        return PasidEntry.firstStage(0x5000, 4, 7);
    }

    private static long[] second() {
        return PasidEntry.secondStage(0x6000, 4, 7);
    }

    private static long[] nested() {
        return PasidEntry.nested(second(), 0x5000, 4, 8);
    }

    private static long[] with(long[] words, BitField field, long value) {
        field.put(words, value);
        return words;
    }

    @Test
    void shouldCheckADirectoryEntry() {
        long present = PasidDirEntry.present(0x5000);
        assertThat(PasidDecoder.directory(present, Units.HAW)).isZero();
        assertThat(PasidDecoder.directory(present | 2, Units.HAW)).isZero();
        assertThat(PasidDecoder.directory(2, Units.HAW)).isEqualTo(FaultReason.PASID_DIR_NOT_PRESENT);
        assertThat(PasidDecoder.directory(present | 4, Units.HAW)).isEqualTo(FaultReason.PASID_DIR_RESERVED);
        assertThat(PasidDecoder.directory(present | 1L << 11, Units.HAW)).isEqualTo(FaultReason.PASID_DIR_RESERVED);
        assertThat(PasidDecoder.directory(present | 1L << 46, Units.HAW)).isEqualTo(FaultReason.PASID_DIR_RESERVED);
    }

    @ParameterizedTest
    @CsvSource({"4, 48", "5, 57"})
    void shouldDecodeAFirstStage(int levels, int bits) {
        assertThat(decode(PasidEntry.firstStage(0x5000, levels, 7))).isZero();
        assertThat(config.kind).isEqualTo(TranslationConfig.FIRST);
        assertThat(config.scalable).isTrue();
        assertThat(config.did).isEqualTo(7);
        assertThat(config.stage2.enabled()).isFalse();
        assertThat(config.stage1.format).isSameAs(X86Table.INSTANCE);
        assertThat(config.stage1.root).isEqualTo(0x5000);
        assertThat(config.stage1.startLevel).isEqualTo(levels);
        assertThat(config.stage1.inputBits).isEqualTo(bits);
        assertThat(config.stage1.outputBits).isEqualTo(Units.HAW);
        assertThat(config.stage1.tag).isEqualTo(7);
        assertThat(config.stage1.flags).isEqualTo(X86Table.GIGABYTE_PAGES);
        assertThat(config.addressBits).isEqualTo(57);
    }

    @Test
    void shouldDecodeTheFlagsOfTheFirstStage() {
        assertThat(flags(PasidEntry.WPE, Units.full())).isEqualTo(X86Table.WP);
        assertThat(flags(PasidEntry.NXE, Units.full())).isEqualTo(X86Table.NXE);
        assertThat(flags(PasidEntry.SMEP, Units.full())).isEqualTo(X86Table.SMEP);
        assertThat(flags(PasidEntry.EAFE, Units.full())).isEqualTo(X86Table.EXTENDED_ACCESSED);
        assertThat(flags(PasidEntry.EAFE, Units.without(Cap.EAFS))).isZero();
        decode(first(), Units.without(Cap.FS1GP));
        assertThat(config.stage1.flags).isZero();
    }

    private int flags(BitField field, Cap cap) {
        assertThat(decode(with(first(), field, 1), cap)).isZero();
        return config.stage1.flags & ~X86Table.GIGABYTE_PAGES;
    }

    @ParameterizedTest
    @CsvSource({"3, 39", "4, 48", "5, 57"})
    void shouldDecodeASecondStage(int levels, int bits) {
        assertThat(decode(PasidEntry.secondStage(0x6000, levels, 7))).isZero();
        assertThat(config.kind).isEqualTo(TranslationConfig.SECOND);
        assertThat(config.stage1.enabled()).isFalse();
        assertThat(config.stage2.root).isEqualTo(0x6000);
        assertThat(config.stage2.startLevel).isEqualTo(levels);
        assertThat(config.stage2.tag).isEqualTo(7);
        assertThat(config.addressBits).isEqualTo(bits);
    }

    @Test
    void shouldDecodeTheFlagsOfTheSecondStage() {
        int usual = SecondStage.PAGES_2M | SecondStage.PAGES_1G | SecondStage.SNOOP_CONTROL | SecondStage.DEVICE_TLBS;
        decode(second());
        assertThat(config.stage2.flags).isEqualTo(usual);
        decode(with(second(), PasidEntry.SSADE, 1));
        assertThat(config.stage2.flags).isEqualTo(usual | SecondStage.ACCESSED_DIRTY);
        decode(with(second(), PasidEntry.SSADE, 1), Units.without(Cap.SSADS));
        assertThat(config.stage2.flags).isEqualTo(usual);
        decode(with(second(), PasidEntry.SSEE, 1));
        assertThat(config.stage2.flags).isEqualTo(usual | SecondStage.EXECUTE);
        decode(with(second(), PasidEntry.SSEE, 1), Units.without(Cap.ERS));
        assertThat(config.stage2.flags).isEqualTo(usual);
    }

    @Test
    void shouldDecodeNested() {
        assertThat(decode(nested())).isZero();
        assertThat(config.kind).isEqualTo(TranslationConfig.NESTED);
        assertThat(config.first() && config.second()).isTrue();
        assertThat(config.did).isEqualTo(8);
        assertThat(config.stage1.root).isEqualTo(0x5000);
        assertThat(config.stage2.root).isEqualTo(0x6000);
        // What a guest's entry may point to is for the second stage to say.
        assertThat(config.stage1.outputBits).isEqualTo(52);
        assertThat(config.addressBits).isEqualTo(57);
    }

    @Test
    void shouldDecodePassThrough() {
        assertThat(decode(PasidEntry.passThrough(9))).isZero();
        assertThat(config.passThrough()).isTrue();
        assertThat(config.first() || config.second()).isFalse();
        assertThat(config.did).isEqualTo(9);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 5, 6, 7})
    void shouldRefuseTypesThatDoNotExist(int pgtt) {
        assertThat(decode(with(nested(), PasidEntry.PGTT, pgtt))).isEqualTo(FaultReason.PASID_INVALID);
        assertThat(config.kind).isEqualTo(TranslationConfig.BLOCKED);
    }

    @Test
    @Rule("VTD-PASID-11")
    void shouldRefuseTypesThatTheUnitDoesNotHave() {
        assertThat(decode(first(), Units.without(Cap.FSTS))).isEqualTo(FaultReason.PASID_INVALID);
        assertThat(decode(second(), Units.without(Cap.SSTS))).isEqualTo(FaultReason.PASID_INVALID);
        assertThat(decode(nested(), Units.without(Cap.NEST))).isEqualTo(FaultReason.PASID_INVALID);
        assertThat(decode(nested(), Units.without(Cap.FSTS))).isEqualTo(FaultReason.PASID_INVALID);
        assertThat(decode(nested(), Units.without(Cap.SSTS))).isEqualTo(FaultReason.PASID_INVALID);
        assertThat(decode(PasidEntry.passThrough(9), Units.without(Cap.PT))).isEqualTo(FaultReason.PASID_INVALID);
    }

    @Test
    void shouldRefuseModesOfTheFirstStageThatDoNotExist() {
        assertThat(decode(with(first(), PasidEntry.FSPM, 2))).isEqualTo(FaultReason.PASID_INVALID);
        assertThat(decode(with(first(), PasidEntry.FSPM, 1), Units.without(Cap.FS5LP)))
                .isEqualTo(FaultReason.PASID_INVALID);
        assertThat(decode(with(second(), PasidEntry.FSPM, 2))).isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 4, 7})
    void shouldRefuseWidthsOfTheSecondStageThatDoNotExist(int aw) {
        assertThat(decode(with(second(), PasidEntry.AW, aw))).isEqualTo(FaultReason.PASID_INVALID);
        assertThat(decode(with(nested(), PasidEntry.AW, aw))).isEqualTo(FaultReason.PASID_INVALID);
        assertThat(decode(with(first(), PasidEntry.AW, aw))).isZero();
        assertThat(decode(with(PasidEntry.passThrough(1), PasidEntry.AW, aw))).isZero();
    }

    @ParameterizedTest
    @CsvSource({
        "0, 10", "0, 11", "1, 16", "1, 22", "2, 8", "2, 11", "3, 0", "3, 63", "4, 0", "5, 0", "6, 0", "7, 0", "7, 63"
    })
    void shouldRefuseReservedBits(int word, int bit) {
        long[] words = nested();
        words[word] |= 1L << bit;
        assertThat(decode(words)).isEqualTo(FaultReason.PASID_RESERVED);
        assertThat(config.kind).isEqualTo(TranslationConfig.BLOCKED);
    }

    @Test
    void shouldCheckOnlyThePointersThatAreUsed() {
        long beyond = 1L << Units.HAW;
        long[] words = first();
        words[0] |= beyond;
        assertThat(decode(words)).isZero();
        words[2] |= beyond;
        assertThat(decode(words)).isEqualTo(FaultReason.PASID_RESERVED);
        words = second();
        words[2] |= beyond;
        assertThat(decode(words)).isZero();
        words[0] |= beyond;
        assertThat(decode(words)).isEqualTo(FaultReason.PASID_RESERVED);
    }

    @Test
    void shouldTakeFpdFromAnEntryThatIsNotPresent() {
        long[] words = with(new long[PasidEntry.WORDS], PasidEntry.FPD, 1);
        assertThat(decode(words)).isEqualTo(FaultReason.PASID_NOT_PRESENT);
        assertThat(config.fpd).isTrue();
        assertThat(config.scalable).isTrue();
        assertThat(decode(new long[PasidEntry.WORDS])).isEqualTo(FaultReason.PASID_NOT_PRESENT);
        assertThat(config.fpd).isFalse();
    }

    @Test
    void shouldAdmitPrivilegedAndExecuteRequestsOnlyIfTheEntrySaysSo() {
        decode(first());
        assertThat(PasidDecoder.admit(config, false, false)).isZero();
        assertThat(PasidDecoder.admit(config, true, false)).isEqualTo(FaultReason.SM_ERE);
        assertThat(PasidDecoder.admit(config, false, true)).isEqualTo(FaultReason.SM_SRE);
        long[] both = with(with(first(), PasidEntry.SRE, 1), PasidEntry.ERE, 1);
        decode(both);
        assertThat(PasidDecoder.admit(config, true, true)).isZero();
        decode(both, Units.without(Cap.SRS));
        assertThat(PasidDecoder.admit(config, false, true)).isEqualTo(FaultReason.SM_SRE);
        decode(both, Units.without(Cap.ERS));
        assertThat(PasidDecoder.admit(config, true, false)).isEqualTo(FaultReason.SM_ERE);
        decode(second());
        assertThat(PasidDecoder.admit(config, true, true)).isZero();
    }

    @Test
    void shouldCopyEveryField() {
        long[] words = with(with(nested(), PasidEntry.SRE, 1), PasidEntry.ERE, 1);
        PasidEntry.FPD.put(words, 1);
        PasidEntry.PAT.put(words, 0x0706_0504);
        decode(words);
        TranslationConfig copy = new TranslationConfig();
        copy.copyFrom(config);
        assertThat(copy).usingRecursiveComparison().isEqualTo(config);
        copy.clear();
        assertThat(copy).usingRecursiveComparison().isEqualTo(new TranslationConfig());
    }
}
