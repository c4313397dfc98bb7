package org.iommusim.vtd.format;

import static org.assertj.core.api.Assertions.assertThat;

import org.iommusim.vtd.spec.Cap;
import org.iommusim.vtd.spec.ContextEntry;
import org.iommusim.vtd.spec.FaultReason;
import org.iommusim.vtd.spec.RootEntry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ContextDecoderTest {
    private final TranslationConfig config = new TranslationConfig();

    private int decode(long[] words, Cap cap) {
        return ContextDecoder.decode(words, cap, Units.HAW, config);
    }

    private static long[] entry(int tt, int levels) {
        return ContextEntry.present(tt, 0x12_3000, levels, 7);
    }

    @Test
    void shouldCheckARootEntry() {
        long present = RootEntry.present(0x5000);
        assertThat(RootDecoder.legacy(present, 0, Units.HAW)).isZero();
        assertThat(RootDecoder.legacy(0xffe, 0, Units.HAW)).isEqualTo(FaultReason.ROOT_NOT_PRESENT);
        assertThat(RootDecoder.legacy(present, 1L << 40, Units.HAW)).isEqualTo(FaultReason.ROOT_RESERVED);
        assertThat(RootDecoder.legacy(present | 2, 0, Units.HAW)).isEqualTo(FaultReason.ROOT_RESERVED);
        assertThat(RootDecoder.legacy(present | 1L << 11, 0, Units.HAW)).isEqualTo(FaultReason.ROOT_RESERVED);
        assertThat(RootDecoder.legacy(present | 1L << 46, 0, Units.HAW)).isEqualTo(FaultReason.ROOT_RESERVED);
        assertThat(RootDecoder.legacy(present | 1L << 45, 0, Units.HAW)).isZero();
    }

    @Test
    void shouldCheckHalfARootEntryInScalableMode() {
        long present = RootEntry.present(0x5000);
        assertThat(RootDecoder.scalable(present, Units.HAW)).isZero();
        assertThat(RootDecoder.scalable(0, Units.HAW)).isEqualTo(FaultReason.SM_ROOT_NOT_PRESENT);
        assertThat(RootDecoder.scalable(present | 4, Units.HAW)).isEqualTo(FaultReason.SM_ROOT_RESERVED);
        assertThat(RootDecoder.scalable(present | 1L << 63, Units.HAW)).isEqualTo(FaultReason.SM_ROOT_RESERVED);
    }

    @ParameterizedTest
    @CsvSource({"3, 39", "4, 48", "5, 57"})
    void shouldDecodeASecondStage(int levels, int bits) {
        assertThat(decode(entry(ContextEntry.TT_UNTRANSLATED, levels), Units.full()))
                .isZero();
        assertThat(config.kind).isEqualTo(TranslationConfig.SECOND);
        assertThat(config.scalable).isFalse();
        assertThat(config.ats).isFalse();
        assertThat(config.did).isEqualTo(7);
        assertThat(config.addressBits).isEqualTo(bits);
        assertThat(config.stage1.enabled()).isFalse();
        assertThat(config.stage2.format).isSameAs(SecondStage.INSTANCE);
        assertThat(config.stage2.root).isEqualTo(0x12_3000);
        assertThat(config.stage2.startLevel).isEqualTo(levels);
        assertThat(config.stage2.inputBits).isEqualTo(bits);
        assertThat(config.stage2.outputBits).isEqualTo(Units.HAW);
        assertThat(config.stage2.tag).isEqualTo(7);
        assertThat(config.stage2.flags)
                .isEqualTo(SecondStage.PAGES_2M
                        | SecondStage.PAGES_1G
                        | SecondStage.SNOOP_CONTROL
                        | SecondStage.DEVICE_TLBS);
    }

    @Test
    void shouldNotTranslateMoreThanTheGuestAddressWidth() {
        assertThat(decode(entry(ContextEntry.TT_UNTRANSLATED, 4), Units.with(Units.full(), Cap.MGAW, 41)))
                .isZero();
        assertThat(config.addressBits).isEqualTo(42);
        assertThat(config.stage2.inputBits).isEqualTo(42);
    }

    @Test
    void shouldGiveTheSecondStageOnlyWhatTheUnitHas() {
        Cap none = new Cap(Units.with(Units.full(), Cap.SSLPS, 0).cap(), 0);
        assertThat(decode(entry(ContextEntry.TT_UNTRANSLATED, 4), none)).isZero();
        assertThat(config.stage2.flags).isZero();
        assertThat(decode(entry(ContextEntry.TT_UNTRANSLATED, 4), Units.with(Units.full(), Cap.SSLPS, 1)))
                .isZero();
        assertThat(config.stage2.flags & (SecondStage.PAGES_2M | SecondStage.PAGES_1G))
                .isEqualTo(SecondStage.PAGES_2M);
    }

    @Test
    void shouldDecodePassThrough() {
        assertThat(decode(entry(ContextEntry.TT_PASS_THROUGH, 4), Units.full())).isZero();
        assertThat(config.passThrough()).isTrue();
        assertThat(config.stage2.enabled()).isFalse();
        assertThat(config.addressBits).isEqualTo(57);
        assertThat(config.did).isEqualTo(7);
    }

    @Test
    void shouldAllowTranslationRequestsWithTheTypeForAll() {
        assertThat(decode(entry(ContextEntry.TT_ALL, 4), Units.full())).isZero();
        assertThat(config.ats).isTrue();
        assertThat(config.kind).isEqualTo(TranslationConfig.SECOND);
    }

    @Test
    void shouldRefuseTypesThatTheUnitDoesNotHave() {
        assertThat(decode(entry(ContextEntry.TT_ALL, 4), Units.without(Cap.DT))).isEqualTo(FaultReason.CONTEXT_INVALID);
        assertThat(decode(entry(ContextEntry.TT_PASS_THROUGH, 4), Units.without(Cap.PT)))
                .isEqualTo(FaultReason.CONTEXT_INVALID);
        assertThat(decode(entry(ContextEntry.TT_RESERVED, 4), Units.full())).isEqualTo(FaultReason.CONTEXT_INVALID);
        assertThat(config.kind).isEqualTo(TranslationConfig.BLOCKED);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 4, 5, 6, 7})
    void shouldRefuseWidthsThatDoNotExist(int aw) {
        assertThat(decode(entry(ContextEntry.TT_UNTRANSLATED, aw + 2), Units.full()))
                .isEqualTo(FaultReason.CONTEXT_INVALID);
        assertThat(decode(entry(ContextEntry.TT_PASS_THROUGH, aw + 2), Units.full()))
                .isEqualTo(FaultReason.CONTEXT_INVALID);
    }

    @ParameterizedTest
    @CsvSource({"3, 1", "4, 2", "5, 3"})
    void shouldRefuseWidthsThatTheUnitDoesNotHave(int levels, int bit) {
        Cap others = Units.with(Units.full(), Cap.SAGAW, 0b1110 & ~(1 << bit));
        assertThat(decode(entry(ContextEntry.TT_UNTRANSLATED, levels), others)).isEqualTo(FaultReason.CONTEXT_INVALID);
    }

    @ParameterizedTest
    @CsvSource({"0, 4", "0, 11", "0, 46", "0, 63", "1, 7", "1, 24", "1, 63"})
    void shouldRefuseReservedBits(int word, int bit) {
        long[] words = entry(ContextEntry.TT_UNTRANSLATED, 4);
        words[word] |= 1L << bit;
        assertThat(decode(words, Units.full())).isEqualTo(FaultReason.CONTEXT_RESERVED);
        assertThat(config.kind).isEqualTo(TranslationConfig.BLOCKED);
        words[word] &= ~(1L << bit);
        assertThat(decode(words, Units.full())).isZero();
    }

    @ParameterizedTest
    @CsvSource({"3", "6"})
    void shouldIgnoreBitsForSoftware(int bit) {
        long[] words = entry(ContextEntry.TT_UNTRANSLATED, 4);
        words[1] |= 1L << bit;
        assertThat(decode(words, Units.full())).isZero();
    }

    @Test
    void shouldTakeFpdFromAnEntryThatIsNotLegal() {
        long[] words = {2, 0};
        assertThat(decode(words, Units.full())).isEqualTo(FaultReason.CONTEXT_NOT_PRESENT);
        assertThat(config.fpd).isTrue();
        words[0] = 0xfffL;
        assertThat(decode(words, Units.full())).isEqualTo(FaultReason.CONTEXT_RESERVED);
        assertThat(config.fpd).isTrue();
        words[0] = 1;
        assertThat(decode(words, Units.full())).isEqualTo(FaultReason.CONTEXT_INVALID);
        assertThat(config.fpd).isFalse();
    }

    @Test
    void shouldForgetTheEntryBefore() {
        decode(entry(ContextEntry.TT_ALL, 4), Units.full());
        assertThat(config.passThrough()).isFalse();
        decode(new long[2], Units.full());
        assertThat(config).usingRecursiveComparison().isEqualTo(new TranslationConfig());
    }

    @Test
    void shouldCopyEveryField() {
        long[] words = entry(ContextEntry.TT_ALL, 4);
        ContextEntry.FPD.put(words, 1);
        decode(words, Units.full());
        TranslationConfig copy = new TranslationConfig();
        copy.copyFrom(config);
        assertThat(copy).usingRecursiveComparison().isEqualTo(config);
        copy.clear();
        assertThat(copy).usingRecursiveComparison().isEqualTo(new TranslationConfig());
    }
}
