package org.iommusim.smmuv3;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.hw.walk.StageParameters;
import org.iommusim.sim.testkit.Gen;
import org.iommusim.sim.testkit.Rule;
import org.iommusim.smmuv3.format.TableBuilder;
import org.iommusim.smmuv3.format.Vmsav8;
import org.iommusim.smmuv3.format.Vmsav8Stage1;
import org.iommusim.smmuv3.format.Vmsav8Stage2;
import org.iommusim.smmuv3.spec.Cd;
import org.iommusim.smmuv3.spec.Cmd;
import org.iommusim.smmuv3.spec.Ste;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a TLBI by range drops, of pages and blocks, and what it leaves. */
class CommandRangeTest {
    private static final int SID = 3;
    private static final int VMID = 7;
    private static final int ASID = 5;
    private static final long CD = Smmuv3Testbed.FREE;
    private static final long TABLES = Smmuv3Testbed.FREE + 0x10_0000;
    private static final long OLD = 0x2000_0000;
    private static final long NEW = 0x3000_0000;
    private static final int PAGES = 24;
    private static final long BLOCK = 0x4000_0000;

    private final Smmuv3Testbed bed =
            Smmuv3Testbed.of("mmu-700", Map.of("hyp", 1L)).enable();
    private final StageParameters shape = new StageParameters();

    private TableBuilder tables(int granule, boolean first) {
        shape.format = first ? Vmsav8Stage1.INSTANCE : Vmsav8Stage2.INSTANCE;
        shape.granuleShift = granule;
        shape.inputBits = 40;
        shape.startLevel = first || granule == 16 ? 4 - (40 - 4) / (granule - 3) : 1;
        return new TableBuilder(bed.memory, shape, TABLES);
    }

    private void stage1(int granule, int strw) {
        long[] cd = Smmuv3Testbed.cd(shape.root, ASID);
        Cd.T0SZ.put(cd, 24);
        Cd.TG0.put(cd, Cd.tg0(granule));
        bed.words(CD, cd);
        long[] ste = Smmuv3Testbed.stage1Ste(CD, VMID);
        Ste.STRW.put(ste, strw);
        bed.ste(SID, ste);
    }

    private void stage2(int granule) {
        long[] ste = Smmuv3Testbed.stage2Ste(shape.root, VMID);
        Ste.S2T0SZ.put(ste, 24);
        Ste.S2TG.put(ste, Cd.tg0(granule));
        Ste.S2SL0.put(ste, granule == 12 ? 1 : 2 - (shape.startLevel - 1));
        bed.ste(SID, ste);
    }

    /** Some pages and a block behind them, all to one place. */
    private void map(TableBuilder tables, int granule, long to, boolean first) {
        long bits = Vmsav8.AF | Vmsav8.NG | (first ? Vmsav8.AP_UNPRIVILEGED : 3L << 6);
        for (long page = 0; page < PAGES; page++) {
            tables.map(page << granule, 3, to + (page << granule), bits);
        }
        tables.map(BLOCK, 2, to, bits);
    }

    private boolean stale(long address) {
        DmaRequest request = bed.dmaRead(SID, address);
        assertThat(request.physicalAddress()).isPositive();
        return request.physicalAddress() < NEW;
    }

    /** Opcode, granule, NUM, SCALE, TTL; the first page. */
    @ParameterizedTest
    @CsvSource({
        "0x12, 12, 2, 1, 3, 1",
        "0x12, 14, 3, 0, 3, 5",
        "0x12, 16, 0, 2, 0, 8",
        "0x12, 14, 1, 1, 1, 2",
        "0x13, 12, 0, 0, 3, 7",
        "0x13, 14, 4, 1, 0, 0",
        "0x13, 16, 2, 0, 3, 20",
        "0x22, 12, 2, 1, 3, 1",
        "0x23, 14, 2, 1, 0, 3",
        "0x2a, 12, 2, 1, 3, 1",
        "0x2a, 14, 3, 0, 3, 5",
        "0x2a, 16, 0, 2, 0, 8"
    })
    @Rule("SMMU-CMD-04")
    @Rule("SMMU-CMD-05")
    void shouldDropTheGranulesOfTheRangeAndNoOthers(int opcode, int granule, int num, int scale, int ttl, long page) {
        boolean first = opcode != Cmd.TLBI_S2_IPA;
        boolean el2 = opcode == Cmd.TLBI_EL2_VA || opcode == Cmd.TLBI_EL2_VAA;
        TableBuilder tables = tables(granule, first);
        map(tables, granule, OLD, first);
        if (first) {
            stage1(granule, el2 ? Ste.STRW_EL2 : Ste.STRW_NSEL1);
        } else {
            stage2(granule);
        }
        for (long i = 0; i < PAGES; i++) {
            bed.dmaRead(SID, i << granule);
        }
        bed.dmaRead(SID, BLOCK + 0x12345 * 8);
        map(tables, granule, NEW, first);

        int field = (granule - 10) / 2;
        bed.command(Cmd.tlbiRange0(opcode, VMID, ASID, num, scale), Cmd.tlbiRange1(page << granule, true, ttl, field));

        long behind = page + ((num + 1L) << scale);
        for (long i = 0; i < PAGES; i++) {
            assertThat(stale(i << granule)).as("page %d", i).isEqualTo(i < page || i >= behind);
        }
        assertThat(stale(BLOCK)).as("the block").isTrue();
    }

    @Test
    @Rule("SMMU-CMD-05")
    void shouldDropABlockThatTheRangeOnlyTouches() {
        TableBuilder tables = tables(12, true);
        map(tables, 12, OLD, true);
        stage1(12, Ste.STRW_NSEL1);
        bed.dmaRead(SID, BLOCK + 0x8_0000);
        map(tables, 12, NEW, true);

        bed.command(Cmd.tlbiRange0(Cmd.TLBI_NH_VA, VMID, ASID, 0, 0), Cmd.tlbiRange1(BLOCK - 0x1000, true, 3, 1));
        assertThat(stale(BLOCK)).isTrue();
        bed.command(Cmd.tlbiRange0(Cmd.TLBI_NH_VA, VMID, ASID, 1, 0), Cmd.tlbiRange1(BLOCK - 0x1000, true, 3, 1));
        assertThat(stale(BLOCK)).isFalse();
    }

    /** Against arithmetic that cannot overflow. */
    @Test
    @Rule("SMMU-CMD-04")
    void shouldComputeEveryRange() {
        Gen gen = new Gen(1);
        for (int i = 0; i < 2000; i++) {
            int num = gen.below(32);
            int scale = gen.below(64);
            int tg = gen.below(4);
            boolean ds = gen.oneIn(2);
            int effective = ds ? Math.min(scale, 39) : scale % 32;
            double bytes =
                    tg == 0 ? 4096 : (num + 1) * Math.pow(2, effective) * (tg == 1 ? 4096 : tg == 2 ? 16384 : 65536);
            assertThat((double) Cmd.rangeBytes(
                            Cmd.tlbiRange0(Cmd.TLBI_NH_VA, 0, 0, num, scale), Cmd.tlbiRange1(0, true, 0, tg), ds))
                    .isEqualTo(bytes);
        }
    }
}
