package org.iommusim.smmuv3;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.iommusim.sim.testkit.Rule;
import org.iommusim.smmuv3.format.Vmsav8;
import org.iommusim.smmuv3.spec.Cd;
import org.iommusim.smmuv3.spec.Cmd;
import org.iommusim.smmuv3.spec.IdRegs;
import org.iommusim.smmuv3.spec.Reg;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which commands are CERROR_ILL, on which hardware: all opcodes, all ranges. */
class CommandLegalityTest {
    private static final int S2P = 1;
    private static final int S1P = 1 << 1;
    private static final int HYP = 1 << 9;
    private static final int ATS = 1 << 10;
    private static final int PRI = 1 << 16;
    private static final int PPS = 1 << 5;
    private static final int RIL = 1 << 10;
    private static final int DS = 1 << 7;

    private static final Set<Integer> ALWAYS = Set.of(
            Cmd.PREFETCH_CONFIG, Cmd.PREFETCH_ADDR, Cmd.CFGI_STE, Cmd.CFGI_STE_RANGE, Cmd.TLBI_NSNH_ALL, Cmd.SYNC);
    private static final Set<Integer> OF_STAGE1 =
            Set.of(Cmd.CFGI_CD, Cmd.CFGI_CD_ALL, Cmd.TLBI_NH_ALL, Cmd.TLBI_NH_ASID, Cmd.TLBI_NH_VA, Cmd.TLBI_NH_VAA);
    private static final Set<Integer> OF_STAGE2 = Set.of(Cmd.TLBI_S12_VMALL, Cmd.TLBI_S2_IPA);
    private static final Set<Integer> OF_EL2 =
            Set.of(Cmd.TLBI_EL2_ALL, Cmd.TLBI_EL2_ASID, Cmd.TLBI_EL2_VA, Cmd.TLBI_EL2_VAA);
    private static final Set<Integer> OF_STALLS = Set.of(Cmd.RESUME, Cmd.STALL_TERM);

    /** The SMMU of a preset with IDR0, IDR1, IDR3 and IDR5 in part replaced. */
    private static Smmuv3Testbed with(int clear0, int set0, int ssidSize, int set3, int set5) {
        return Smmuv3Testbed.identified(
                        "mmu-600",
                        ids -> new IdRegs(
                                ids.idr0() & ~clear0 | set0,
                                ids.idr1() & ~(0x1f << 6) | ssidSize << 6,
                                ids.idr2(),
                                ids.idr3() & ~RIL | set3,
                                ids.idr4(),
                                ids.idr5() | set5,
                                ids.iidr(),
                                ids.aidr()))
                .enable();
    }

    /** CONS.ERR after one command; the queue is made to go on. */
    private static int error(Smmuv3Testbed bed, long w0, long w1) {
        bed.put(w0, w1);
        bed.ring();
        bed.sim.scheduler().run();
        if (bed.consumed()) {
            return 0;
        }
        int error = bed.read(Reg.CMDQ_CONS) >>> Reg.CMDQ_CONS_ERR_SHIFT;
        long at = Smmuv3Testbed.COMMANDS
                + ((long) (bed.read(Reg.CMDQ_CONS) & (1 << Smmuv3Testbed.LOG2_COMMANDS) - 1) << Cmd.SHIFT);
        bed.memory.write64(at, Cmd.sync0(Cmd.CS_NONE));
        bed.memory.write64(at + 8, 0);
        bed.write(Reg.GERRORN, bed.read(Reg.GERROR));
        bed.sim.scheduler().run();
        assertThat(bed.consumed()).isTrue();
        return error;
    }

    private static Set<Integer> legal(Smmuv3Testbed bed) {
        Set<Integer> legal = new TreeSet<>();
        for (int opcode = 0; opcode <= 0xff; opcode++) {
            int error = error(bed, opcode, 0);
            assertThat(error).isIn(0, Reg.CERROR_ILL);
            if (error == 0) {
                legal.add(opcode);
            }
        }
        return legal;
    }

    private static Set<Integer> union(List<Set<Integer>> sets) {
        Set<Integer> all = new TreeSet<>();
        sets.forEach(all::addAll);
        return all;
    }

    @Test
    @Rule("SMMU-CMD-01")
    void shouldKnowExactlyTheOpcodesOfWhatThereIs() {
        assertThat(legal(with(S2P, 0, 0, 0, 0))).isEqualTo(union(List.of(ALWAYS, OF_STAGE1)));
        assertThat(legal(with(S1P, 0, 0, 0, 0))).isEqualTo(union(List.of(ALWAYS, OF_STAGE2)));
        assertThat(legal(with(0, HYP, 0, 0, 0))).isEqualTo(union(List.of(ALWAYS, OF_STAGE1, OF_STAGE2, OF_EL2)));
        assertThat(legal(with(0, ATS, 0, 0, 0)))
                .isEqualTo(union(List.of(ALWAYS, OF_STAGE1, OF_STAGE2, Set.of(Cmd.ATC_INV))));
        assertThat(legal(with(0, ATS | PRI, 0, PPS, 0)))
                .isEqualTo(union(List.of(ALWAYS, OF_STAGE1, OF_STAGE2, Set.of(Cmd.ATC_INV, Cmd.PRI_RESP))));
        for (long model : new long[] {0, 2}) {
            assertThat(legal(Smmuv3Testbed.of("mmu-600", Map.of("stall_model", model))
                            .enable()))
                    .isEqualTo(union(List.of(ALWAYS, OF_STAGE1, OF_STAGE2, OF_STALLS)));
        }
    }

    @Test
    @Rule("SMMU-CMD-02")
    void shouldRefuseImpossibleOperands() {
        Smmuv3Testbed bed = with(0, ATS | PRI | HYP, 0, PPS, 0);
        for (int opcode : union(List.of(ALWAYS, OF_STAGE1, OF_STAGE2, OF_EL2, Set.of(Cmd.ATC_INV, Cmd.PRI_RESP)))) {
            assertThat(error(bed, opcode | Cmd.SSEC.mask(), 0))
                    .as("%s of the Secure state", Cmd.name(opcode))
                    .isEqualTo(Reg.CERROR_ILL);
        }
        assertThat(error(bed, Cmd.sync0(3), 0)).isEqualTo(Reg.CERROR_ILL);
        assertThat(error(bed, Cmd.priResp0(3, -1), Cmd.priResp1(1, 3))).isEqualTo(Reg.CERROR_ILL);
        assertThat(error(bed, Cmd.priResp0(3, -1), Cmd.priResp1(1, 2))).isZero();
        assertThat(error(bed, Cmd.atcInv0(3, -1, false), Cmd.atcInv1(0, 53))).isEqualTo(Reg.CERROR_ILL);
        assertThat(error(bed, Cmd.atcInv0(3, -1, false), Cmd.atcInv1(0, 52))).isZero();
    }

    /** TG, NUM, SCALE, TTL, IDR5.DS: legal or not. Bit 5 of SCALE only exists with DS. */
    @ParameterizedTest
    @CsvSource({
        "0, 0, 0, 0, 0, true",
        "0, 1, 1, 1, 0, true", // without a granule there is no range
        "1, 0, 0, 0, 0, false",
        "2, 0, 0, 0, 0, false",
        "3, 0, 0, 0, 0, false",
        "1, 0, 0, 1, 0, true",
        "1, 0, 0, 2, 0, true",
        "1, 0, 0, 3, 0, true",
        "2, 0, 0, 1, 0, false",
        "2, 0, 0, 2, 0, true",
        "2, 0, 0, 3, 0, true",
        "2, 0, 0, 1, 1, true",
        "3, 0, 0, 1, 0, true",
        "3, 0, 0, 3, 0, true",
        "1, 1, 0, 0, 0, true",
        "2, 0, 1, 0, 0, true",
        "2, 1, 0, 1, 0, true",
        "3, 31, 31, 0, 0, true",
        "1, 0, 32, 0, 0, false",
        "1, 0, 32, 0, 1, true",
        "1, 0, 63, 0, 1, true"
    })
    @Rule("SMMU-CMD-03")
    void shouldRefuseAGranuleThatSaysNothing(int tg, int num, int scale, int ttl, int ds, boolean legal) {
        Smmuv3Testbed bed = with(0, HYP, 0, RIL, ds * DS);
        for (int opcode :
                List.of(Cmd.TLBI_NH_VA, Cmd.TLBI_NH_VAA, Cmd.TLBI_EL2_VA, Cmd.TLBI_EL2_VAA, Cmd.TLBI_S2_IPA)) {
            int error = error(bed, Cmd.tlbiRange0(opcode, 1, 1, num, scale), Cmd.tlbiRange1(0, true, ttl, tg));
            assertThat(error == 0).as(Cmd.name(opcode)).isEqualTo(legal);
        }
        assertThat(error(bed, Cmd.tlbiRange0(Cmd.TLBI_NH_ASID, 1, 1, num, scale), Cmd.tlbiRange1(0, true, ttl, tg)))
                .as("a command without an address has no range")
                .isZero();
    }

    @Test
    @Rule("SMMU-CMD-03")
    void shouldNotLookAtRangesWithoutThem() {
        Smmuv3Testbed bed = with(0, 0, 0, 0, 0);
        assertThat(error(bed, Cmd.tlbi0(Cmd.TLBI_NH_VA, 1, 1), Cmd.tlbiRange1(0, true, 0, 1)))
                .isZero();
    }

    @Test
    @Rule("SMMU-CMD-08")
    void shouldConsumePrefetchesWithoutATrace() {
        Smmuv3Testbed bed = Smmuv3Testbed.of("mmu-600", Map.of("httu", 2L)).enable();
        Vmsav8Tables tables = new Vmsav8Tables(bed.memory, Smmuv3Testbed.FREE + 0x1000, 0);
        long[] cd = Smmuv3Testbed.cd(tables.root(), 5);
        Cd.HA.put(cd, 1);
        bed.words(Smmuv3Testbed.FREE, cd);
        bed.ste(3, Smmuv3Testbed.stage1Ste(Smmuv3Testbed.FREE, 1));
        tables.map(0x5000, 0x2000_0000, Vmsav8Tables.S1_PAGE & ~Vmsav8.AF);
        long leaf = bed.memory.read64(tables.entry(0x5000, 3));
        for (int sid : new int[] {3, 4, 0x7fff_ffff}) {
            for (long ssv : new long[] {0, Cmd.SSV.mask() | 1 << 12}) {
                assertThat(error(bed, Cmd.PREFETCH_CONFIG | (long) sid << 32 | ssv, 0))
                        .isZero();
                assertThat(error(bed, Cmd.PREFETCH_ADDR | (long) sid << 32 | ssv, 0x5000 | 3))
                        .isZero();
            }
        }
        assertThat(bed.events()).isZero();
        assertThat(bed.read(Reg.GERROR)).isZero();
        assertThat(bed.memory.read64(tables.entry(0x5000, 3))).isEqualTo(leaf);
    }
}
