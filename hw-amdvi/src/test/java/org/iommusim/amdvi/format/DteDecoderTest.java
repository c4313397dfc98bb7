package org.iommusim.amdvi.format;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.iommusim.amdvi.spec.Control;
import org.iommusim.amdvi.spec.Dte;
import org.iommusim.amdvi.spec.Efr;
import org.iommusim.hw.spec.BitField;
import org.iommusim.hw.walk.Access;
import org.iommusim.hw.x86.X86Table;
import org.iommusim.sim.testkit.Rule;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class DteDecoderTest {
    /** 6 host levels, 5 guest levels, 3 GCR3 levels, guest translation, GIOV, accessed and dirty flags, which guests may do without, no-execute. */
    private static final Efr FULL = new Efr(
            bits(Efr.HATS, 2)
                    | bits(Efr.GATS, 1)
                    | bits(Efr.GLX_SUP, 2)
                    | all(Efr.GT_SUP, Efr.GIO_SUP, Efr.HA_SUP)
                    | all(Efr.HD_SUP, Efr.NX_SUP, Efr.V2_HD_DIS_SUP, Efr.GA_UPDATE_DIS_SUP),
            Efr.GCR3_TRP_MODE.mask());

    private static final long GT_EN = Control.GT_EN.mask();

    private final DteConfig out = new DteConfig();

    private static long bits(BitField field, long value) {
        return field.with(0, value);
    }

    private static long all(BitField... fields) {
        long word = 0;
        for (BitField field : fields) {
            word |= field.mask();
        }
        return word;
    }

    private static Efr without(BitField field) {
        return field.word() == 0
                ? new Efr(FULL.efr() & ~field.mask(), FULL.efr2())
                : new Efr(FULL.efr(), FULL.efr2() & ~field.mask());
    }

    private static long[] with(long[] words, BitField field, long value) {
        field.put(words, value);
        return words;
    }

    private static long[] host() {
        return Dte.host(0x1234_5000, 4, 0x77);
    }

    private static long[] nested() {
        long[] words = host();
        Dte.putGuest(words, 0xabc_d000, 2, 5);
        return words;
    }

    private boolean decode(Efr efr, long control, long[] words) {
        return new DteDecoder(efr, false).decode(words, control, out);
    }

    private void legal(long[] words) {
        assertThat(decode(FULL, GT_EN, words)).isTrue();
    }

    private void illegal(long[] words) {
        illegal(FULL, words);
    }

    private void illegal(Efr efr, long[] words) {
        assertThat(decode(efr, GT_EN, words)).isFalse();
        assertThat(out.kind).isEqualTo(DteConfig.BLOCKED);
        assertThat(out.domainId).isZero();
    }

    @Test
    void shouldForwardEverythingWithoutAValidEntry() {
        legal(new long[] {-2, -1, -1, -1});
        assertThat(out.kind).isEqualTo(DteConfig.FORWARD);
    }

    static Stream<Integer> reservedBits() {
        return Stream.of(2, 3, 4, 5, 6, 63, 128 + 52, 128 + 53, 192, 192 + 14, 192 + 48, 192 + 53);
    }

    @ParameterizedTest
    @MethodSource("reservedBits")
    void shouldRefuseReservedBits(int bit) {
        long[] words = host();
        words[bit / 64] |= 1L << bit % 64;
        illegal(words);
        words[0] &= ~1L;
        legal(words);
    }

    /** SATS, HPTMode, vImuEn, GDeviceID, GuestID: of features that the unit does not have. */
    @ParameterizedTest
    @ValueSource(ints = {64 + 42, 128 + 59, 192 + 15, 192 + 16, 192 + 47})
    void shouldIgnoreFieldsOfAbsentFeatures(int bit) {
        long[] words = host();
        words[bit / 64] |= 1L << bit % 64;
        legal(words);
        assertThat(out.kind).isEqualTo(DteConfig.TRANSLATE);
    }

    @Test
    void shouldKnowMemoryAttributesWhereTheUnitDoes() {
        long[] words = with(host(), Dte.MEMORY_ATTRIBUTES, 7);
        assertThat(new DteDecoder(FULL, true).decode(words, 0, out)).isTrue();
    }

    @Test
    void shouldAbortWithoutTranslationFieldsAndKeepWhatElseItSays() {
        legal(with(with(nested(), Dte.TV, 0), Dte.SA, 1));
        assertThat(out.kind).isEqualTo(DteConfig.BLOCKED);
        assertThat(out.suppressAll).isTrue();
        assertThat(out.domainId).isEqualTo(0x77);
        assertThat(out.permissions).isZero();
        assertThat(out.host.enabled()).isFalse();
        assertThat(out.guest).isFalse();
        illegal(with(with(host(), Dte.TV, 0), Dte.MODE, Dte.MODE_RESERVED));
    }

    @Test
    @Rule("AMDVI-PASID-07")
    void shouldRefuseLevelsThatDoNotExist() {
        illegal(with(host(), Dte.MODE, 7));
        illegal(without(Efr.HATS), with(host(), Dte.MODE, 5));
        illegal(new Efr(Efr.HATS.mask(), 0), host());
        assertThat(decode(new Efr(Efr.HATS.mask(), 0), 0, Dte.passThrough(1))).isTrue();
        illegal(with(nested(), Dte.GLX, 3));
        illegal(without(Efr.GLX_SUP), nested());
        illegal(with(nested(), Dte.GUEST_PAGING_MODE, 2));
        illegal(without(Efr.GATS), nested());
        illegal(new Efr(FULL.efr() | Efr.GATS.mask(), 0), with(nested(), Dte.GUEST_PAGING_MODE, 3));
    }

    @Test
    void shouldRefuseTheReservedInterruptControlWhereItCounts() {
        legal(with(host(), Dte.INT_CTL, Dte.INTCTL_RESERVED));
        illegal(with(with(host(), Dte.INT_CTL, Dte.INTCTL_RESERVED), Dte.IV, 1));
        legal(with(with(host(), Dte.INT_CTL, Dte.INTCTL_REMAP), Dte.IV, 1));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6})
    void shouldDecodeHostTables(int levels) {
        legal(Dte.host(0x1234_5000, levels, 0x77));
        assertThat(out.kind).isEqualTo(DteConfig.TRANSLATE);
        assertThat(out.domainId).isEqualTo(0x77);
        assertThat(out.host.format).isSameAs(V1Table.INSTANCE);
        assertThat(out.host.root).isEqualTo(0x1234_5000);
        assertThat(out.host.startLevel).isEqualTo(levels);
        assertThat(out.host.inputBits).isEqualTo(levels == 6 ? 64 : 12 + 9 * levels);
        assertThat(out.host.tag).isEqualTo(0x77);
        assertThat(out.host.flags).isZero();
        assertThat(out.guest).isFalse();
    }

    @Test
    void shouldSayWhatTheEntryAllows() {
        legal(host());
        assertThat(out.permissions).isEqualTo(Access.both(Access.READ | Access.WRITE | Access.EXECUTE));
        legal(with(host(), Dte.IR, 0));
        assertThat(out.permissions).isEqualTo(Access.both(Access.WRITE));
        legal(with(host(), Dte.IW, 0));
        assertThat(out.permissions).isEqualTo(Access.both(Access.READ | Access.EXECUTE));
    }

    @Test
    void shouldKeepFlagsOfHostTablesOnlyWhereTheUnitCan() {
        legal(with(host(), Dte.HAD, 1));
        assertThat(out.host.flags).isEqualTo(V1Table.ACCESSED);
        legal(with(host(), Dte.HAD, 2));
        assertThat(out.host.flags).isZero();
        legal(with(host(), Dte.HAD, 3));
        assertThat(out.host.flags).isEqualTo(V1Table.ACCESSED | V1Table.DIRTY);
        assertThat(decode(without(Efr.HD_SUP), 0, with(host(), Dte.HAD, 3))).isTrue();
        assertThat(out.host.flags).isEqualTo(V1Table.ACCESSED);
        assertThat(decode(without(Efr.HA_SUP), 0, with(host(), Dte.HAD, 3))).isTrue();
        assertThat(out.host.flags).isZero();
    }

    @Test
    void shouldDecodeGuestTables() {
        legal(with(nested(), Dte.GIOV, 1));
        assertThat(out.guest).isTrue();
        assertThat(out.guestWithoutPasid).isTrue();
        assertThat(out.gcr3).isEqualTo(0xabc_d000);
        assertThat(out.gcr3Levels).isEqualTo(2);
        assertThat(out.guestLevels).isEqualTo(5);
        assertThat(out.gcr3IsGuestPhysical).isFalse();
        assertThat(out.guestFlags).isEqualTo(X86Table.WP | X86Table.GIGABYTE_PAGES | X86Table.NXE);
        legal(nested());
        assertThat(out.guestWithoutPasid).isFalse();
        assertThat(decode(without(Efr.NX_SUP), GT_EN, nested())).isTrue();
        assertThat(out.guestFlags).isEqualTo(X86Table.WP | X86Table.GIGABYTE_PAGES);
        assertThat(decode(without(Efr.GIO_SUP), GT_EN, with(nested(), Dte.GIOV, 1)))
                .isTrue();
        assertThat(out.guestWithoutPasid).isFalse();
    }

    @Test
    void shouldLeaveFlagsOfGuestTablesAloneOnlyIfToldToAndAble() {
        long both = GT_EN | Control.GD_UPDATE_DIS.mask() | Control.GA_UPDATE_DIS.mask();
        int always = X86Table.WP | X86Table.GIGABYTE_PAGES | X86Table.NXE;
        assertThat(decode(FULL, both, nested())).isTrue();
        assertThat(out.guestFlags).isEqualTo(always | X86Table.LEAVES_ACCESSED | X86Table.LEAVES_DIRTY);
        assertThat(decode(without(Efr.V2_HD_DIS_SUP), both, nested())).isTrue();
        assertThat(out.guestFlags).isEqualTo(always | X86Table.LEAVES_ACCESSED);
        assertThat(decode(without(Efr.GA_UPDATE_DIS_SUP), both, nested())).isTrue();
        assertThat(out.guestFlags).isEqualTo(always | X86Table.LEAVES_DIRTY);
    }

    @Test
    void shouldIgnoreGuestTablesThatAreNotSwitchedOn() {
        assertThat(decode(FULL, 0, with(nested(), Dte.GLX, 3))).isTrue();
        assertThat(out.guest).isFalse();
        long[] words = with(nested(), Dte.GUEST_PAGING_MODE, 0);
        assertThat(decode(without(Efr.GT_SUP), GT_EN, words)).isTrue();
        assertThat(out.guest).isFalse();
        illegal(without(Efr.GT_SUP), nested());
    }

    @Test
    void shouldTranslateTheAddressOfTheGcr3TableOnlyUnderHostTablesAndIfAskedTo() {
        long control = GT_EN | Control.GCR3_TRP_MODE.mask();
        assertThat(decode(FULL, control, nested())).isTrue();
        assertThat(out.gcr3IsGuestPhysical).isTrue();
        assertThat(decode(without(Efr.GCR3_TRP_MODE), control, nested())).isTrue();
        assertThat(out.gcr3IsGuestPhysical).isFalse();
        assertThat(decode(FULL, control, with(nested(), Dte.MODE, 0))).isTrue();
        assertThat(out.gcr3IsGuestPhysical).isFalse();
        assertThat(out.host.enabled()).isFalse();
    }

    @Test
    void shouldHandOnWhatElseTheEntrySays() {
        legal(host());
        assertThat(out.ats || out.ppr || out.gprp || out.suppressRepeated || out.suppressAll || out.exclusion)
                .isFalse();
        legal(with(host(), Dte.I, 1));
        assertThat(out.ats).isTrue();
        legal(with(host(), Dte.PPR, 1));
        assertThat(out.ppr).isTrue();
        legal(with(host(), Dte.GPRP, 1));
        assertThat(out.gprp).isTrue();
        legal(with(host(), Dte.SE, 1));
        assertThat(out.suppressRepeated).isTrue();
        legal(with(host(), Dte.SA, 1));
        assertThat(out.suppressAll).isTrue();
        legal(with(host(), Dte.EX, 1));
        assertThat(out.exclusion).isTrue();
        legal(with(host(), Dte.SYS_MGT, Dte.SYSMGT_DMA));
        assertThat(out.sysMgt).isEqualTo(Dte.SYSMGT_DMA);
    }

    @Test
    void shouldCopyAndClearEveryField() {
        long[] words = with(with(with(nested(), Dte.GIOV, 1), Dte.I, 1), Dte.PPR, 1);
        words = with(with(with(words, Dte.GPRP, 1), Dte.SE, 1), Dte.SA, 1);
        words = with(with(words, Dte.EX, 1), Dte.SYS_MGT, 2);
        assertThat(decode(FULL, GT_EN | Control.GCR3_TRP_MODE.mask(), words)).isTrue();
        DteConfig copy = new DteConfig();
        copy.copyFrom(out);
        assertThat(copy).usingRecursiveComparison().isEqualTo(out);
        copy.clear();
        assertThat(copy).usingRecursiveComparison().isEqualTo(new DteConfig());
    }
}
