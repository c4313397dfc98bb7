package org.iommusim.smmuv3;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.iommusim.hw.dma.DmaOutcome;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.sim.testkit.Rule;
import org.iommusim.smmuv3.spec.Cd;
import org.iommusim.smmuv3.spec.Cmd;
import org.iommusim.smmuv3.spec.Event;
import org.iommusim.smmuv3.spec.IdRegs;
import org.iommusim.smmuv3.spec.Ste;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Addresses of 52 bits: 64 KiB tables with OAS 52, and IDR5.DS for the smaller granules. */
class WideAddressTest {
    private static final int SID = 3;
    private static final long CD = Smmuv3Testbed.FREE;
    private static final long ROOT = Smmuv3Testbed.FREE + 0x10_0000;
    private static final long S1_LEAF = Vmsav8Tables.S1_PAGE & ~0x300L;
    private static final long S2_LEAF = Vmsav8Tables.S2_PAGE & ~0x300L;

    private static Smmuv3Testbed bed(long oas, long ds) {
        return Smmuv3Testbed.of("mmu-600", Map.of("oas_bits", oas, "ds", ds, "vax", 1L))
                .enable();
    }

    private static long[] cd(int granule, int tsz, boolean ds) {
        long[] cd = Smmuv3Testbed.cd(ROOT, 5);
        Cd.TG0.put(cd, granule);
        Cd.T0SZ.put(cd, tsz);
        Cd.DS.put(cd, ds ? 1 : 0);
        Cd.IPS.put(cd, IdRegs.addressCode(52));
        return cd;
    }

    private static DmaRequest readStage1(Smmuv3Testbed bed, long[] cd, long iova) {
        bed.words(CD, cd);
        bed.ste(SID, Smmuv3Testbed.stage1Ste(CD, 1));
        return bed.dmaRead(SID, iova);
    }

    private static void forget(Smmuv3Testbed bed) {
        bed.command(Cmd.cfgiSte0(SID), Cmd.leaf1(true));
        bed.command(Cmd.TLBI_NSNH_ALL, 0);
    }

    /** Output address 0xd_4444_0000_0000: bits 51:50 are in bits 9:8 of the descriptor, bit 48 is itself. */
    private static final long WIDE = 0xd_4440_0000_0000L;

    private static final long WIDE_DS = 0x1_4440_0000_0000L | 3 << 8;

    @Test
    @Rule("SMMU-52-01")
    @Rule("SMMU-52-02")
    void shouldWalkFiveLevelsOf4K() {
        Smmuv3Testbed bed = bed(52, 1);
        long[] tables = {ROOT, ROOT + 0x1000, ROOT + 0x2000, ROOT + 0x3000, ROOT + 0x4000};
        long iova = 0xa_bcde_f123_4567L;
        int[] shifts = {48, 39, 30, 21, 12};
        for (int i = 0; i < 4; i++) {
            bed.memory.write64(tables[i] + 8 * (iova >>> shifts[i] & 0x1ff), tables[i + 1] | 3);
        }
        bed.memory.write64(tables[4] + 8 * (iova >>> 12 & 0x1ff), WIDE_DS | S1_LEAF | 2);

        DmaRequest request = readStage1(bed, cd(Cd.TG0_4K, 12, true), iova);

        assertThat(request.physicalAddress()).isEqualTo(WIDE | 0x567);
        assertThat(bed.dmaRead(SID, iova).misses()).isZero();
    }

    @Test
    @Rule("SMMU-52-03")
    void shouldHaveBlocksOf512GiBOnlyWithDs() {
        Smmuv3Testbed bed = bed(52, 1);
        bed.memory.write64(ROOT + 8, 0x0_8000_0000_0000L | S1_LEAF);

        assertThat(readStage1(bed, cd(Cd.TG0_4K, 16, true), 1L << 39 | 0x12_3456_7890L)
                        .physicalAddress())
                .isEqualTo(0x0_8012_3456_7890L);
        forget(bed);
        assertThat(readStage1(bed, cd(Cd.TG0_4K, 16, false), 1L << 39).faultCode())
                .isEqualTo(Event.F_TRANSLATION);
    }

    @Test
    @Rule("SMMU-52-04")
    void shouldHaveBlocksOf64GiBWith16KAndDs() {
        Smmuv3Testbed bed = bed(52, 1);
        long table1 = ROOT + 0x4000;
        // 52 bits: level 0 has 5 bits, level 1 entries cover 2^36.
        bed.memory.write64(ROOT + 8 * 2, table1 | 3);
        bed.memory.write64(table1 + 8 * 3, 1L << 40 | 2 << 8 | S1_LEAF);

        DmaRequest request = readStage1(bed, cd(Cd.TG0_16K, 12, true), 2L << 47 | 3L << 36 | 0x8_7654_3210L);

        assertThat(request.physicalAddress()).isEqualTo(1L << 51 | 1L << 40 | 0x8_7654_3210L);
    }

    @Test
    @Rule("SMMU-52-05")
    @Rule("SMMU-52-06")
    void shouldTake52BitsOf64KWithoutDs() {
        Smmuv3Testbed bed = bed(52, 0);
        // 52-bit VA: level 1 has 10 bits and blocks of 4 TiB; bits 15:12 of a descriptor are address bits 51:48.
        bed.memory.write64(ROOT + 8 * 0x201, 0x0_4400_0000_0000L | 0xd << 12 | S1_LEAF);

        DmaRequest request = readStage1(bed, cd(Cd.TG0_64K, 12, false), 0x201L << 42 | 0x123_4567_89abL);

        assertThat(request.physicalAddress()).isEqualTo(0xd_4400_0000_0000L | 0x123_4567_89abL);
    }

    @Test
    @Rule("SMMU-52-07")
    void shouldIgnoreDsThatTheIdentificationDoesNotOffer() {
        Smmuv3Testbed bed = bed(52, 0);
        bed.memory.write64(ROOT, 0x0_8000_0000_0000L | S1_LEAF);

        assertThat(readStage1(bed, cd(Cd.TG0_4K, 16, true), 0x1000).faultCode()).isEqualTo(Event.F_TRANSLATION);
        forget(bed);
        assertThat(readStage1(bed, cd(Cd.TG0_4K, 12, true), 0x1000).faultCode()).isEqualTo(Event.C_BAD_CD);
    }

    @Test
    @Rule("SMMU-52-08")
    void shouldLimitOutputsToTheSmallerOfIpsAndOas() {
        Smmuv3Testbed bed = bed(48, 1);
        bed.memory.write64(ROOT, 0x0_8000_0000_0000L | 1 << 8 | S1_LEAF);

        assertThat(readStage1(bed, cd(Cd.TG0_4K, 16, true), 0x1000).faultCode()).isEqualTo(Event.F_ADDR_SIZE);
    }

    private static long[] stage2Ste(int granule, int tsz, int code, boolean high) {
        long[] ste = Smmuv3Testbed.stage2Ste(ROOT, 7);
        Ste.S2TG.put(ste, granule);
        Ste.S2T0SZ.put(ste, tsz);
        Ste.S2SL0.put(ste, code);
        Ste.S2SL0_2.put(ste, high ? 1 : 0);
        Ste.S2DS.put(ste, 1);
        Ste.S2PS.put(ste, IdRegs.addressCode(52));
        return ste;
    }

    @Test
    @Rule("SMMU-52-09")
    void shouldStartStage2AtLevelMinusOne() {
        Smmuv3Testbed bed = bed(52, 1);
        bed.memory.write64(ROOT + 8 * 0xa, ROOT + 0x1000 | 3);
        bed.memory.write64(ROOT + 0x1000, WIDE_DS & ~0xfff_ffffffL & -1L << 39 | 3 << 8 | S2_LEAF);
        bed.ste(SID, stage2Ste(Cd.TG0_4K, 12, 0, true));

        DmaRequest request = bed.dmaRead(SID, 0xaL << 48 | 0x123_4567L);

        assertThat(request.outcome()).isEqualTo(DmaOutcome.OK);
        assertThat(request.physicalAddress()).isEqualTo(WIDE & -1L << 39 | 0x123_4567L);
    }

    @Test
    @Rule("SMMU-52-10")
    void shouldStartStage2AtLevelZeroWith16K() {
        Smmuv3Testbed bed = bed(52, 1);
        bed.memory.write64(ROOT + 8 * 3, ROOT + 0x4000 | 3);
        bed.memory.write64(ROOT + 0x4000, 1L << 40 | S2_LEAF);
        bed.ste(SID, stage2Ste(Cd.TG0_16K, 12, 3, false));

        assertThat(bed.dmaRead(SID, 3L << 47 | 0x123L).physicalAddress()).isEqualTo(1L << 40 | 0x123L);
    }

    @ParameterizedTest
    @ValueSource(ints = {Cd.TG0_4K, Cd.TG0_16K})
    @Rule("SMMU-52-11")
    void shouldRefuseStartLevelsThatNeedDs(int granule) {
        Smmuv3Testbed bed = bed(52, 0);
        bed.ste(SID, stage2Ste(granule, 16, 3, false));
        assertThat(bed.dmaRead(SID, 0).faultCode()).isEqualTo(Event.C_BAD_STE);
        bed.ste(SID, stage2Ste(granule, 12, 2, false));
        assertThat(bed.dmaRead(SID, 0).faultCode()).isEqualTo(Event.C_BAD_STE);
    }
}
