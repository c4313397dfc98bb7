package org.iommusim.smmuv3.format;

import static org.assertj.core.api.Assertions.assertThat;

import org.iommusim.hw.spec.BitField;
import org.iommusim.hw.walk.StageParameters;
import org.iommusim.sim.testkit.Gen;
import org.iommusim.sim.testkit.Rule;
import org.iommusim.smmuv3.spec.Cd;
import org.iommusim.smmuv3.spec.Event;
import org.iommusim.smmuv3.spec.IdRegs;
import org.iommusim.smmuv3.spec.Ste;
import org.junit.jupiter.api.Test;

/** Which entries are legal, on which hardware, and that unused bits are not looked at. */
class DecoderTest {
    /** S1, S2, AArch64, little-endian, no stalls, always abort; 44 bits, all granules; no substreams. */
    private static final IdRegs PLAIN = ids(0, 0, 0);

    private final StreamConfig config = new StreamConfig();

    private static IdRegs ids(int moreIdr0, int moreIdr1, int idr3) {
        int stallModel = (moreIdr0 & 1 << 30) != 0 ? 0 : 1;
        int idr0 = 0x3 | 2 << 2 | 1 << 12 | 1 << 18 | 2 << 21 | stallModel << 24 | 1 << 26;
        return new IdRegs(idr0 | moreIdr0 & ~(1 << 30), 16 | moreIdr1, 0, idr3, 0, 0x74, 0, 1);
    }

    private static IdRegs without(int idr0Bits) {
        return new IdRegs(PLAIN.idr0() & ~idr0Bits, 16, 0, 0, 0, 0x74, 0, 1);
    }

    private static long[] stage2() {
        long[] ste = Ste.valid(Ste.S2);
        Ste.S2VMID.put(ste, 7);
        Ste.S2T0SZ.put(ste, 24);
        Ste.S2SL0.put(ste, 1);
        Ste.S2PS.put(ste, 4);
        Ste.S2AA64.put(ste, 1);
        Ste.S2TTB.putInPlace(ste, 0x4000_0000L);
        return ste;
    }

    private static long[] with(long[] words, BitField field, long value) {
        long[] copy = words.clone();
        field.put(copy, value);
        return copy;
    }

    private static long[] cd() {
        long[] cd = new long[Cd.WORDS];
        Cd.V.put(cd, 1);
        Cd.AA64.put(cd, 1);
        Cd.A.put(cd, 1);
        Cd.R.put(cd, 1);
        Cd.T0SZ.put(cd, 16);
        Cd.T1SZ.put(cd, 25);
        Cd.TG1.put(cd, Cd.TG1_16K);
        Cd.IPS.put(cd, 5);
        Cd.ASID.put(cd, 9);
        Cd.TTB0.putInPlace(cd, 0x5000);
        Cd.TTB1.putInPlace(cd, 0x8000);
        return cd;
    }

    private void assertLegal(long[] ste, IdRegs ids) {
        assertThat(SteDecoder.decode(ste, ids, config)).isEqualTo(Event.NONE);
    }

    private void assertIllegal(long[] ste, IdRegs ids) {
        assertThat(SteDecoder.decode(ste, ids, config)).isEqualTo(Event.C_BAD_STE);
        assertThat(config.kind).isEqualTo(Ste.ABORT);
        assertThat(config.stage2.enabled()).isFalse();
    }

    private void assertCdLegal(long[] cd, IdRegs ids) {
        assertThat(CdDecoder.decode(cd, ids, config)).isEqualTo(Event.NONE);
    }

    private void assertCdIllegal(long[] cd, IdRegs ids) {
        assertThat(CdDecoder.decode(cd, ids, config)).isEqualTo(Event.C_BAD_CD);
        assertThat(config.stage1Low.enabled()).isFalse();
    }

    @Test
    void shouldDecodeStage2() {
        assertLegal(stage2(), PLAIN);
        StageParameters p = config.stage2;
        assertThat(config.kind).isEqualTo(Ste.S2);
        assertThat(config.vmid).isEqualTo(7);
        assertThat(p.tag).isEqualTo(7);
        assertThat(p.inputBits).isEqualTo(40);
        assertThat(p.startLevel).isEqualTo(1);
        assertThat(p.granuleShift).isEqualTo(12);
        assertThat(p.outputBits).isEqualTo(44);
        assertThat(p.root).isEqualTo(0x4000_0000L);
    }

    @Test
    void shouldRefuseIllegalStage2() {
        assertIllegal(with(stage2(), Ste.V, 0), PLAIN);
        assertIllegal(with(stage2(), Ste.S2TG, 3), PLAIN);
        assertIllegal(with(stage2(), Ste.S2SL0, 3), PLAIN);
        assertIllegal(with(stage2(), Ste.S2SL0, 0), PLAIN); // more than 16 concatenated tables
        assertIllegal(with(stage2(), Ste.S2T0SZ, 40), PLAIN);
        assertIllegal(with(stage2(), Ste.S2T0SZ, 19), PLAIN); // 45 bits of 44
        assertIllegal(with(stage2(), Ste.S2AA64, 0), PLAIN);
        assertIllegal(with(stage2(), Ste.S2ENDI, 1), PLAIN);
        assertLegal(with(with(stage2(), Ste.S2HA, 1), Ste.S2HD, 1), PLAIN); // ignored without HTTU
        assertThat(config.stage2.flags & (Vmsav8.HA | Vmsav8.HD)).isZero();
        assertIllegal(with(stage2(), Ste.S2S, 1), PLAIN);
        assertIllegal(with(stage2(), Ste.S2TTB, 1L << 44 - 4), PLAIN);
        assertIllegal(stage2(), without(1)); // no stage 2
        assertLegal(with(stage2(), Ste.S2HA, 1), ids(1 << 6, 0, 0));
        assertIllegal(with(with(stage2(), Ste.S2HA, 1), Ste.S2HD, 1), ids(1 << 6, 0, 0));
        assertLegal(with(with(stage2(), Ste.S2HA, 1), Ste.S2HD, 1), ids(2 << 6, 0, 0));
        // A start level that would need more address bits than there are.
        IdRegs small = new IdRegs(PLAIN.idr0(), 16, 0, 0, 0, 0x70 | IdRegs.addressCode(42), 0, 1);
        assertIllegal(with(stage2(), Ste.S2SL0, 2), small);
    }

    @Test
    void shouldCapSizesToTheOutputSize() {
        assertLegal(with(stage2(), Ste.S2PS, 5), PLAIN);
        assertThat(config.stage2.outputBits).isEqualTo(44);
        assertLegal(with(stage2(), Ste.S2PS, 1), PLAIN);
        assertThat(config.stage2.outputBits).isEqualTo(36);
    }

    @Test
    void shouldCheckStage1Fields() {
        long[] s1 = Ste.valid(Ste.S1);
        assertLegal(s1, PLAIN);
        assertIllegal(s1, without(2));
        assertIllegal(with(s1, Ste.S1STALLD, 1), PLAIN);
        assertLegal(with(s1, Ste.S1STALLD, 1), ids(1 << 30, 0, 0));
        assertLegal(with(s1, Ste.STRW, 2), PLAIN); // ignored without EL2
        assertThat(config.strw).isZero();
        assertIllegal(with(s1, Ste.STRW, 1), ids(1 << 9, 0, 0));
        assertLegal(with(s1, Ste.STRW, 2), ids(1 << 9, 0, 0));
        // Without substreams S1CDMax is ignored; with them it is checked.
        assertLegal(with(s1, Ste.S1CDMAX, 9), PLAIN);
        assertThat(config.s1CdMax).isZero();
        IdRegs substreams = ids(0, 8 << 6, 0);
        assertIllegal(with(s1, Ste.S1CDMAX, 9), substreams);
        assertLegal(with(s1, Ste.S1CDMAX, 8), substreams);
        assertIllegal(with(with(s1, Ste.S1CDMAX, 8), Ste.S1FMT, 1), substreams);
        assertLegal(with(with(s1, Ste.S1CDMAX, 8), Ste.S1FMT, 1), ids(1 << 19, 8 << 6, 0));
        assertIllegal(with(with(s1, Ste.S1CDMAX, 8), Ste.S1FMT, 2), substreams);
        assertLegal(with(with(s1, Ste.S1CDMAX, 8), Ste.S1FMT, 3), substreams);
        assertThat(config.s1Fmt).isEqualTo(Ste.S1FMT_LINEAR);
        assertLegal(with(with(s1, Ste.S1CDMAX, 8), Ste.S1DSS, 3), substreams);
        assertThat(config.s1Dss).isEqualTo(Ste.S1DSS_TERMINATE);
        assertLegal(with(s1, Ste.S1FMT, 1), substreams);
    }

    @Test
    void shouldRefuseWideIdsWhereTheyAreNarrow() {
        IdRegs narrow = without(1 << 12 | 1 << 18);
        assertLegal(with(stage2(), Ste.S2VMID, 0xff), narrow);
        assertIllegal(with(stage2(), Ste.S2VMID, 0x100), narrow);
        assertLegal(with(Ste.bypass(), Ste.S2VMID, 0x100), narrow);
        long[] ofEl2 = with(with(Ste.valid(Ste.S1), Ste.STRW, Ste.STRW_EL2), Ste.S2VMID, 0x100);
        IdRegs narrowWithEl2 = new IdRegs(narrow.idr0() | 1 << 9, 16, 0, 0, 0, 0x74, 0, 1);
        assertLegal(ofEl2, narrowWithEl2);
        assertCdLegal(with(cd(), Cd.ASID, 0x100), narrowWithEl2);

        assertLegal(Ste.valid(Ste.S1), narrow);
        assertCdLegal(with(cd(), Cd.ASID, 0xff), narrow);
        assertCdIllegal(with(cd(), Cd.ASID, 0x100), narrow);
    }

    @Test
    void shouldNotLookAtTheEndiannessIfNothingIsWalked() {
        assertLegal(Ste.valid(Ste.S1), PLAIN);
        long[] none = with(with(cd(), Cd.EPD0, 1), Cd.EPD1, 1);
        assertCdLegal(with(none, Cd.ENDI, 1), PLAIN);
        assertCdIllegal(with(with(none, Cd.EPD0, 0), Cd.ENDI, 1), PLAIN);
        assertCdIllegal(with(with(none, Cd.EPD1, 0), Cd.ENDI, 1), PLAIN);
    }

    @Test
    @Rule("SMMU-PASID-20")
    void shouldRefuseContextsBeyondTheOutputSizeFromVersionOneOn() {
        long[] beyond = with(Ste.valid(Ste.S1), Ste.S1CONTEXTPTR, 1L << 44 - 6);
        assertIllegal(beyond, PLAIN);
        IdRegs first = new IdRegs(PLAIN.idr0(), 16, 0, 0, 0, 0x74, 0, 0);
        assertLegal(beyond, first);
        // Under a stage 2 it is an IPA, which stage 2 refuses.
        long[] nested = with(with(stage2(), Ste.CONFIG, Ste.NESTED), Ste.S1CONTEXTPTR, 1L << 44 - 6);
        assertLegal(nested, PLAIN);
    }

    @Test
    void shouldCheckAtsOnlyIfThereIsAts() {
        long[] nested = with(stage2(), Ste.CONFIG, Ste.NESTED);
        IdRegs ats = ids(1 << 10, 0, 0);
        assertLegal(with(stage2(), Ste.EATS, 2), PLAIN);
        assertThat(config.eats).isZero();
        assertIllegal(with(stage2(), Ste.EATS, 2), ats);
        assertLegal(with(nested, Ste.EATS, 2), ats);
        assertThat(config.eats).isEqualTo(Ste.EATS_S1CHK);
        assertIllegal(with(nested, Ste.EATS, 2), ids(3 << 10, 0, 0));
        assertLegal(with(stage2(), Ste.EATS, 1), ats);
        assertLegal(with(stage2(), Ste.EATS, 3), ats);
        assertThat(config.eats).isZero();
    }

    /** This is what makes a driver's hitless updates legal. */
    @Test
    void shouldIgnoreEverythingThatTheConfigDoesNotUse() {
        for (long seed = 1; seed <= 500; seed++) {
            Gen gen = new Gen(seed);
            long[] junk = gen.list(Ste.WORDS, Gen::bits).stream()
                    .mapToLong(Long::longValue)
                    .toArray();
            Ste.V.put(junk, 1);
            assertLegal(with(junk, Ste.CONFIG, gen.below(4)), PLAIN);
            assertThat(config.kind).isEqualTo(Ste.ABORT);
            assertLegal(with(junk, Ste.CONFIG, Ste.BYPASS), PLAIN);
            assertThat(config.vmid).isZero();
            assertThat(config.eats).isZero();

            // Stage 1 alone does not look at stage 2's fields, nor stage 2 at stage 1's.
            long[] s1 = with(junk, Ste.CONFIG, Ste.S1);
            Ste.S1STALLD.put(s1, 0);
            Ste.S1CONTEXTPTR.put(s1, gen.bits() >>> 64 - 38);
            assertLegal(s1, PLAIN);
            long[] s2 = stage2();
            s2[0] |= junk[0] & ~Ste.CONFIG.mask();
            s2[1] |= junk[1];
            for (int i = 4; i < Ste.WORDS; i++) {
                s2[i] = junk[i];
            }
            assertLegal(s2, PLAIN);
            assertThat(config.s1ContextPtr).isZero();
            assertThat(SteDecoder.decode(with(junk, Ste.V, 0), PLAIN, config)).isEqualTo(Event.C_BAD_STE);
        }
    }

    @Test
    void shouldDecodeBothHalvesOfAContext() {
        assertLegal(Ste.valid(Ste.S1), PLAIN);
        assertCdLegal(cd(), PLAIN);
        assertThat(config.asid).isEqualTo(9);
        assertThat(config.s1Record).isTrue();
        assertThat(config.stage1For(0x1234).root).isEqualTo(0x5000);
        assertThat(config.stage1For(-0x1000).root).isEqualTo(0x8000);
        assertThat(config.stage1Low.startLevel).isZero();
        assertThat(config.stage1High.granuleShift).isEqualTo(14);
        assertThat(config.stage1High.inputBits).isEqualTo(39);
        assertThat(config.stage1High.flags & Vmsav8.HIGH).isNotZero();
    }

    @Test
    void shouldRefuseIllegalContexts() {
        assertLegal(Ste.valid(Ste.S1), PLAIN);
        assertCdIllegal(with(cd(), Cd.V, 0), PLAIN);
        assertCdIllegal(with(cd(), Cd.AA64, 0), PLAIN);
        assertCdIllegal(with(cd(), Cd.A, 0), PLAIN); // TERM_MODEL
        assertCdIllegal(with(cd(), Cd.S, 1), PLAIN);
        assertCdIllegal(with(cd(), Cd.ENDI, 1), PLAIN);
        assertCdIllegal(with(cd(), Cd.HA, 1), PLAIN);
        assertCdIllegal(with(cd(), Cd.T0SZ, 15), PLAIN);
        assertCdIllegal(with(cd(), Cd.T0SZ, 40), PLAIN);
        assertCdIllegal(with(cd(), Cd.TG0, 3), PLAIN);
        assertCdIllegal(with(cd(), Cd.TG1, 0), PLAIN);
        assertCdIllegal(with(with(cd(), Cd.IPS, 0), Cd.TTB0, 1L << 32 - 4), PLAIN);
        assertCdLegal(with(with(cd(), Cd.EPD1, 1), Cd.TG1, 0), PLAIN);
        assertCdLegal(with(with(cd(), Cd.EPD0, 1), Cd.T0SZ, 63), PLAIN);
        assertThat(config.stage1Low.flags & Vmsav8.EPD).isNotZero();
    }

    @Test
    @Rule("SMMU-EL2-11")
    void shouldKnowOnlyTheLowerHalfAtEl2() {
        IdRegs hyp = ids(1 << 9, 0, 0);
        assertLegal(with(Ste.valid(Ste.S1), Ste.STRW, Ste.STRW_EL2), hyp);
        assertCdLegal(with(cd(), Cd.TG1, 0), hyp);
        assertThat(config.stage1High.flags & Vmsav8.EPD).isNotZero();
        assertThat(config.stage1Low.flags & Vmsav8.EL2).isNotZero();
        assertCdLegal(with(cd(), Cd.EPD0, 1), hyp);
        assertThat(config.stage1Low.flags & Vmsav8.EPD).isZero();
    }

    @Test
    void shouldForbidStallsWhereTheStreamForbidsThem() {
        IdRegs stalls = ids(1 << 30, 0, 0);
        assertLegal(with(Ste.valid(Ste.S1), Ste.S1STALLD, 1), stalls);
        assertCdIllegal(with(cd(), Cd.S, 1), stalls);
        assertLegal(Ste.valid(Ste.S1), stalls);
        assertCdLegal(with(cd(), Cd.S, 1), stalls);
        assertThat(config.s1Stall).isTrue();
    }
}
