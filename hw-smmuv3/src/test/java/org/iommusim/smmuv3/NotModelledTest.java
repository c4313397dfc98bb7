package org.iommusim.smmuv3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.iommusim.hw.dma.AddressType;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.hw.dma.Station;
import org.iommusim.sim.testkit.Gen;
import org.iommusim.smmuv3.spec.Cd;
import org.iommusim.smmuv3.spec.Cmd;
import org.iommusim.smmuv3.spec.Event;
import org.iommusim.smmuv3.spec.IdRegs;
import org.iommusim.smmuv3.spec.Reg;
import org.iommusim.smmuv3.spec.Ste;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a program gets that uses what the model does not have: the table at the end of docs/smmuv3.md, row by row. */
class NotModelledTest {
    private static final int SID = 3;
    private static final long CD = Smmuv3Testbed.FREE;
    private static final long TABLES = Smmuv3Testbed.FREE + 0x10_0000;
    private static final long DATA = 0x2000_3000;
    private static final IdRegs IDS = Smmuv3Testbed.of("mmu-600").device.ids();

    private final Smmuv3Testbed bed = Smmuv3Testbed.of("mmu-600").enable();

    @ParameterizedTest
    @ValueSource(
            ints = {
                0x30,
                0x100,
                0x108,
                0x110,
                0x118, // S2PII, GATOS
                0x130,
                0x138,
                0x13c, // MPAM
                0x180,
                0x190, // VATOS_SEL, IDR6
                0x200,
                0x208,
                0x210, // DPT
                0x4000,
                0x4008,
                0x400c, // ECMDQ
                0x8000,
                0x8020,
                0x803c // Secure
            })
    void shouldReadRegistersOfAbsentFeaturesAsZeroAndIgnoreWrites(int offset) {
        bed.write(offset, -1);
        bed.sim.scheduler().run();
        assertThat(bed.read(offset)).isZero();
    }

    @Test
    void shouldEndBehindTheTwoPages() {
        assertThat(bed.device.mmioBytes()).isEqualTo(0x2_0000); // no page for VATOS
        assertThat(bed.read(0x2_0a00)).isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {0x07, 0x18, 0x1a, 0x50, 0x51, 0x52, 0x53, 0x58, 0x5a, 0x60, 0x70, 0x73, 0x80, 0x8f, 0xff})
    void shouldStopAtCommandsOfAbsentFeatures(int opcode) {
        bed.command(opcode, 0);
        assertThat(bed.read(Reg.GERROR)).isEqualTo(Reg.GERROR_CMDQ_ERR);
        assertThat(bed.read(Reg.CMDQ_CONS) >>> 24).isEqualTo(Reg.CERROR_ILL);
    }

    @Test
    void shouldStopAtSecureCommands() {
        bed.command(Cmd.SSEC.mask() | Cmd.TLBI_NSNH_ALL, 0);
        assertThat(bed.read(Reg.CMDQ_CONS) >>> 24).isEqualTo(Reg.CERROR_ILL);
    }

    private long[] stage1() {
        Vmsav8Tables tables = new Vmsav8Tables(bed.memory, TABLES, 0);
        tables.map(0x5000, DATA, Vmsav8Tables.S1_PAGE);
        bed.words(CD, Smmuv3Testbed.cd(tables.root(), 5));
        return Smmuv3Testbed.stage1Ste(CD, 1);
    }

    /** Words and bits: S1PIE and S1MPAM; S2 permission extensions; PARTID, MECID; PMG, VMSPtr; Secure stage 2; overlays. */
    @ParameterizedTest
    @CsvSource({
        "1, 0x5000000",
        "3, 0x6000000000000000",
        "4, 0xffff0000ffff0000",
        "5, 0x00ffffffffffffff",
        "6, 0x3",
        "7, 0x123456"
    })
    void shouldIgnoreFieldsOfAnSteThatItDoesNotKnow(int word, String bits) {
        long[] ste = stage1();
        ste[word] |= Long.decode(bits.startsWith("0xffff0000") ? "0x7fff0000ffff0000" : bits);
        bed.ste(SID, ste);
        assertThat(bed.dmaRead(SID, 0x5000).physicalAddress()).isEqualTo(DATA);
    }

    /** E0PD0 and HAFT; AIE, PIE; AMAIR; PARTID and PMG; indirection. */
    @ParameterizedTest
    @CsvSource({"1, 0xc", "2, 0x800000000000008", "4, 0x7fffffffffffffff", "5, 0xff00ffff", "6, 0x1234", "7, 0x1234"})
    void shouldIgnoreFieldsOfACdThatItDoesNotKnow(int word, String bits) {
        long[] ste = stage1();
        long at = CD + 8L * word;
        bed.memory.write64(at, bed.memory.read64(at) | Long.decode(bits));
        bed.ste(SID, ste);
        assertThat(bed.dmaRead(SID, 0x5000).physicalAddress()).isEqualTo(DATA);
    }

    @Test
    void shouldRefuseTablesOfVmsav8With32Bits() {
        long[] ste = stage1();
        bed.memory.write64(CD, bed.memory.read64(CD) & ~Cd.AA64.mask());
        bed.ste(SID, ste);
        assertThat(bed.dmaRead(SID, 0x5000).faultCode()).isEqualTo(Event.C_BAD_CD);

        long[] stage2 = Smmuv3Testbed.stage2Ste(TABLES, 1);
        Ste.S2AA64.put(stage2, 0);
        bed.ste(SID, stage2);
        assertThat(bed.dmaRead(SID, 0x5000).faultCode()).isEqualTo(Event.C_BAD_STE);
    }

    @Test
    void shouldIgnoreWildcardsOfVmids() {
        bed.write(Reg.CR0, Reg.CR0_VMW | Reg.CR0_CMDQEN | Reg.CR0_EVENTQEN | Reg.CR0_SMMUEN);
        bed.sim.scheduler().run();
        assertThat(bed.read(Reg.CR0) & Reg.CR0_VMW).isZero();
    }

    /** Where cached pages overlap, a lookup takes one of them: the architecture allows either that or F_TLB_CONFLICT. */
    @Test
    void shouldNotReportConflictsInCaches() {
        Smmuv3Testbed plain = Smmuv3Testbed.of(
                        "mmu-600", Map.of("walk_s1_l0", 0L, "walk_s1_l1", 0L, "walk_s1_l2", 0L, "walk_s1_l3", 0L))
                .enable();
        Vmsav8Tables tables = new Vmsav8Tables(plain.memory, TABLES, 0);
        plain.words(CD, Smmuv3Testbed.cd(tables.root(), 5));
        plain.ste(SID, Smmuv3Testbed.stage1Ste(CD, 1));
        tables.map(0x5000, DATA, Vmsav8Tables.S1_PAGE);
        plain.dmaRead(SID, 0x5000);
        tables.put(0, 2, 0x2020_0000L | Vmsav8Tables.S1_PAGE); // a block over it, without an invalidation
        assertThat(plain.dmaRead(SID, 0x6000).physicalAddress()).isEqualTo(0x2020_6000);
        assertThat(plain.dmaRead(SID, 0x5000).physicalAddress()).isIn(DATA, 0x2020_5000L);
        assertThat(plain.events()).isZero();
    }

    /** Whatever a function sends to whatever streams there are. */
    @ParameterizedTest
    @ValueSource(longs = {0, 1})
    void shouldNeverRecordWhatItDoesNotModel(long withAts) {
        AtsBed ats = new AtsBed(Map.of("ats", withAts, "pri", withAts));
        Smmuv3Testbed any = ats.bed;
        ats.nested(Ste.EATS_S1CHK);
        ats.first.map(0x5000, DATA, Vmsav8Tables.S1_PAGE);
        Gen gen = new Gen(1);
        Set<Integer> codes = new TreeSet<>();
        for (int i = 0; i < 500; i++) {
            DmaRequest request = new DmaRequest();
            request.begin(
                    i,
                    gen.below(8),
                    gen.oneIn(2) ? DmaRequest.NO_PASID : gen.below(1 << 20),
                    gen.oneIn(2) ? 0x5000 + gen.below(4096) : gen.bits(),
                    gen.pick(List.of(1, 2, 8, 64, 4096)),
                    gen.oneIn(2),
                    any.sim.now());
            request.attributes(gen.oneIn(2), gen.oneIn(2));
            request.issued(any.sim.now());
            request.enter(Station.FRONT_END, any.sim.now());
            AddressType type = gen.pick(List.of(AddressType.values()));
            if (type == AddressType.TRANSLATION_REQUEST) {
                ats.ask(request);
            } else {
                request.resend(type, request.iova());
                any.issue(request);
                ats.run();
            }
            for (int e = 0; e < any.events(); e++) {
                codes.add(Event.ID.getInt(any.event(any.read(Reg.EVENTQ_CONS) + e & 7, 0)));
            }
            ats.takeEvents();
        }
        assertThat(codes)
                .contains(Event.C_BAD_STE, Event.C_BAD_SUBSTREAMID, Event.F_TRANSLATION)
                .doesNotContain(
                        Event.F_UUT,
                        Event.F_TLB_CONFLICT,
                        Event.F_CFG_CONFLICT,
                        Event.E_PAGE_REQUEST,
                        Event.F_VMS_FETCH);
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0x4, IDR0.TTF: VMSAv8-32",
        "0, 0x20, IDR0.BTM",
        "0, 0x8000, IDR0.ATOS",
        "0, 0x20000, IDR0.VMW",
        "0, 0x100000, IDR0.VATOS",
        "0, 0x40000000, IDR0.RME_IMPL",
        "1, 0x20000000, IDR1.QUEUES_PRESET",
        "1, 0x40000000, IDR1.TABLES_PRESET",
        "1, 0x80000000, IDR1.ECMDQ",
        "3, 0x80, IDR3.MPAM",
        "3, 0x2000, IDR3.E0PD",
        "3, 0x4000, IDR3.PTWNNC",
        "3, 0x8000, IDR3.DPT",
        "5, 0x100, IDR5.D128"
    })
    void shouldRefuseToOfferIt(int register, String bits, String name) {
        int[] r = {IDS.idr0(), IDS.idr1(), 0, IDS.idr3(), 0, IDS.idr5()};
        r[register] |= (int) Long.decode(bits).longValue();
        IdRegs offered = new IdRegs(r[0], r[1], 0, r[3], 0, r[5], 0, 1);

        assertThatThrownBy(() -> RecordedIdentification.check(offered)).hasMessage("asks for " + name);
    }
}
