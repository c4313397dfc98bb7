package org.iommusim.vtd.format;

import static org.assertj.core.api.Assertions.assertThat;

import org.iommusim.sim.testkit.Rule;
import org.iommusim.vtd.spec.Cap;
import org.iommusim.vtd.spec.FaultReason;
import org.iommusim.vtd.spec.ScalableContextEntry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ScalableContextDecoderTest {
    private final ScalableContext context = new ScalableContext();

    private int decode(long[] words, Cap cap) {
        return ScalableContextDecoder.decode(words, cap, Units.HAW, context);
    }

    private static long[] entry() {
        long[] words = ScalableContextEntry.present(0x12_3000, 2, 5);
        ScalableContextEntry.DTE.put(words, 1);
        ScalableContextEntry.PASIDE.put(words, 1);
        ScalableContextEntry.PRE.put(words, 1);
        ScalableContextEntry.RID_PRIV.put(words, 1);
        return words;
    }

    @Test
    void shouldDecodeAnEntry() {
        assertThat(decode(entry(), Units.full())).isZero();
        assertThat(context.dte).isTrue();
        assertThat(context.paside).isTrue();
        assertThat(context.pre).isTrue();
        assertThat(context.ridPriv).isTrue();
        assertThat(context.fpd).isFalse();
        assertThat(context.directory).isEqualTo(0x12_3000);
        assertThat(context.pasids).isEqualTo(512 * 64);
        assertThat(context.ridPasid).isEqualTo(5);
    }

    @Test
    void shouldIgnoreWhatTheUnitDoesNotHave() {
        decode(entry(), Units.without(Cap.DT));
        assertThat(context.dte).isFalse();
        decode(entry(), Units.without(Cap.PASID));
        assertThat(context.paside).isFalse();
        decode(entry(), Units.without(Cap.PRS));
        assertThat(context.pre).isFalse();
        decode(entry(), Units.without(Cap.RPS));
        assertThat(context.ridPasid).isZero();
        decode(entry(), Units.without(Cap.RPRIVS));
        assertThat(context.ridPriv).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"0, 5", "0, 8", "0, 46", "0, 63", "1, 21", "1, 63", "2, 0", "2, 63", "3, 0", "3, 63"})
    void shouldRefuseReservedBits(int word, int bit) {
        long[] words = entry();
        words[word] |= 1L << bit;
        assertThat(decode(words, Units.full())).isEqualTo(FaultReason.SM_CONTEXT_RESERVED);
        assertThat(context.directory).isZero();
    }

    @Test
    void shouldTakeFpdFromAnEntryThatIsNotPresent() {
        assertThat(decode(new long[] {2, 0, 0, 0}, Units.full())).isEqualTo(FaultReason.SM_CONTEXT_NOT_PRESENT);
        assertThat(context.fpd).isTrue();
        assertThat(decode(new long[4], Units.full())).isEqualTo(FaultReason.SM_CONTEXT_NOT_PRESENT);
        assertThat(context.fpd).isFalse();
    }

    @Test
    void shouldForgetTheEntryBefore() {
        decode(entry(), Units.full());
        decode(new long[4], Units.full());
        assertThat(context).usingRecursiveComparison().isEqualTo(new ScalableContext());
    }

    @Test
    void shouldAdmitWhatTheFlagsAllow() {
        decode(entry(), Units.full());
        assertThat(ScalableContextDecoder.admit(context, -1, true, false)).isZero();
        assertThat(ScalableContextDecoder.admit(context, 0, true, true)).isZero();
        assertThat(ScalableContextDecoder.admit(context, 512 * 64 - 1, false, false))
                .isZero();
        assertThat(ScalableContextDecoder.admit(context, 512 * 64, false, false))
                .isEqualTo(FaultReason.SM_PASID_RANGE);
    }

    @Test
    void shouldRefuseWhatTheFlagsDoNotAllow() {
        decode(ScalableContextEntry.present(0x1000, 0, 0), Units.full());
        assertThat(ScalableContextDecoder.admit(context, -1, false, false)).isZero();
        assertThat(ScalableContextDecoder.admit(context, -1, true, false)).isEqualTo(FaultReason.SM_DTE);
        assertThat(ScalableContextDecoder.admit(context, 0, false, false)).isEqualTo(FaultReason.SM_PASIDE);
        assertThat(ScalableContextDecoder.admit(context, -1, false, true)).isEqualTo(FaultReason.SM_PRE);
    }

    @Test
    @Rule("VTD-PASID-03")
    void shouldRefuseARidPasidBeyondTheDirectory() {
        decode(ScalableContextEntry.present(0x1000, 0, 128 * 64), Units.full());
        assertThat(ScalableContextDecoder.admit(context, -1, false, false)).isEqualTo(FaultReason.SM_RID_PASID);
        context.paside = true;
        assertThat(ScalableContextDecoder.admit(context, 0, false, false)).isZero();
        decode(ScalableContextEntry.present(0x1000, 0, 128 * 64 - 1), Units.full());
        assertThat(ScalableContextDecoder.admit(context, -1, false, false)).isZero();
    }

    @Test
    void shouldCopyEveryField() {
        long[] words = entry();
        ScalableContextEntry.FPD.put(words, 1);
        decode(words, Units.full());
        ScalableContext copy = new ScalableContext();
        copy.copyFrom(context);
        assertThat(copy).usingRecursiveComparison().isEqualTo(context);
        copy.clear();
        assertThat(copy).usingRecursiveComparison().isEqualTo(new ScalableContext());
    }
}
