package org.iommusim.smmuv3;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.sim.testkit.Rule;
import org.iommusim.smmuv3.spec.Cd;
import org.iommusim.smmuv3.spec.Cmd;
import org.iommusim.smmuv3.spec.Event;
import org.iommusim.smmuv3.spec.Reg;
import org.iommusim.smmuv3.spec.Ste;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Streams of EL2, with and without the host's regime. */
class El2Test {
    private static final int SID = 3;
    private static final int ASID = 5;
    private static final long CD = Smmuv3Testbed.FREE;
    private static final long TABLES = Smmuv3Testbed.FREE + 0x10_0000;
    private static final long IOVA = 0x5000;
    private static final long OLD = 0x2000_3000;
    private static final long NEW = 0x2000_9000;
    private static final long PRIVILEGED_PAGE = Vmsav8Tables.S1_PAGE & ~(1L << 6);

    private final Smmuv3Testbed bed = Smmuv3Testbed.of("mmu-600", Map.of("hyp", 1L));
    private final Vmsav8Tables tables = new Vmsav8Tables(bed.memory, TABLES, 0);

    private static long[] el2Ste() {
        long[] ste = Smmuv3Testbed.stage1Ste(CD, 0);
        Ste.STRW.put(ste, Ste.STRW_EL2);
        return ste;
    }

    private void stream(boolean e2h) {
        bed.enable();
        if (e2h) {
            // CR2 may only be written while the SMMU is disabled.
            bed.write(Reg.CR0, Reg.CR0_CMDQEN | Reg.CR0_EVENTQEN);
            bed.sim.scheduler().run();
            bed.write(Reg.CR2, Reg.CR2_RECINVSID | Reg.CR2_E2H);
            bed.write(Reg.CR0, Reg.CR0_CMDQEN | Reg.CR0_EVENTQEN | Reg.CR0_SMMUEN);
            bed.sim.scheduler().run();
        }
        long[] cd = Smmuv3Testbed.cd(tables.root(), ASID);
        Cd.EPD1.put(cd, 0);
        Cd.T1SZ.put(cd, 16);
        Cd.TG1.put(cd, Cd.TG1_4K);
        Cd.TTB1.putInPlace(cd, tables.root());
        bed.words(CD, cd);
        bed.ste(SID, el2Ste());
        tables.map(IOVA, OLD, Vmsav8Tables.S1_PAGE);
    }

    @Test
    @Rule("SMMU-EL2-03")
    void shouldHaveOneHalfAndNoPrivilegesWithoutTheHostsRegime() {
        stream(false);
        tables.map(0x6000, OLD, PRIVILEGED_PAGE);

        assertThat(bed.dmaRead(SID, IOVA).physicalAddress()).isEqualTo(OLD);
        assertThat(bed.dmaRead(SID, 0x6000).physicalAddress()).isEqualTo(OLD);
        assertThat(bed.dmaRead(SID, 0xffff_0000_0000_5000L).faultCode()).isEqualTo(Event.F_TRANSLATION);
    }

    @Test
    @Rule("SMMU-EL2-04")
    void shouldHaveTwoHalvesAndPrivilegesWithTheHostsRegime() {
        stream(true);
        tables.map(0x6000, OLD, PRIVILEGED_PAGE);

        assertThat(bed.dmaRead(SID, 0xffff_0000_0000_5000L).physicalAddress()).isEqualTo(OLD);
        assertThat(bed.dmaRead(SID, 0x6000).faultCode()).isEqualTo(Event.F_PERMISSION);
    }

    @Test
    @Rule("SMMU-EL2-02")
    void shouldIgnoreTheWorldOverStage2AndRefuseReservedOnes() {
        stream(false);
        long[] nested = Smmuv3Testbed.nestedSte(CD, tables.root(), 1);
        Ste.STRW.put(nested, 3);
        bed.ste(SID, nested);
        // Stage 2 does not map the CD, so it has been asked for it.
        assertThat(bed.dmaRead(SID, IOVA).faultCode()).isEqualTo(Event.F_TRANSLATION);
        assertThat(Event.CLASS.get(bed.event(0, 1))).isEqualTo(Event.CLASS_CD);
        bed.command(Cmd.cfgiSte0(SID), Cmd.leaf1(true));

        long[] reserved = el2Ste();
        Ste.STRW.put(reserved, 3);
        bed.ste(SID, reserved);
        assertThat(bed.dmaRead(SID, IOVA).faultCode()).isEqualTo(Event.C_BAD_STE);
    }

    @Test
    @Rule("SMMU-EL2-01")
    @Rule("SMMU-EL2-05")
    void shouldKnowNothingOfEl2IfItIsNotOffered() {
        Smmuv3Testbed plain = Smmuv3Testbed.of("mmu-600");
        plain.write(Reg.CR2, Reg.CR2_E2H);
        assertThat(plain.read(Reg.CR2)).isZero();
        plain.enable();
        Vmsav8Tables mapped = new Vmsav8Tables(plain.memory, TABLES, 0);
        mapped.map(IOVA, OLD, PRIVILEGED_PAGE);
        plain.words(CD, Smmuv3Testbed.cd(mapped.root(), ASID));
        plain.ste(SID, el2Ste());
        assertThat(plain.dmaRead(SID, IOVA).faultCode()).isEqualTo(Event.F_PERMISSION);

        plain.command(Cmd.TLBI_EL2_ALL, 0);
        assertThat(plain.read(Reg.CMDQ_CONS) >>> 24).isEqualTo(Reg.CERROR_ILL);
    }

    private void assertDropped(boolean dropped, long w0, long w1) {
        bed.dmaRead(SID, IOVA);
        tables.map(IOVA, NEW, Vmsav8Tables.S1_PAGE);
        // Nothing may be left of a command before, which had concerned something else.
        bed.put(Cmd.tlbi0(Cmd.TLBI_EL2_VA, 0, ASID + 1), Cmd.tlbi1(IOVA + 0x1000, true));
        bed.command(w0, w1);
        DmaRequest after = bed.dmaRead(SID, IOVA);
        assertThat(after.physicalAddress()).isEqualTo(dropped ? NEW : OLD);
    }

    @Test
    @Rule("SMMU-EL2-06")
    void shouldDropEverythingOfEl2() {
        stream(false);
        assertDropped(true, Cmd.TLBI_EL2_ALL, 0);
    }

    @Test
    @Rule("SMMU-EL2-06")
    void shouldLeaveVmsAlone() {
        stream(false);
        bed.ste(SID, Smmuv3Testbed.stage1Ste(CD, 0));
        assertDropped(false, Cmd.TLBI_EL2_ALL, 0);
    }

    @ParameterizedTest
    @ValueSource(ints = {Cmd.TLBI_NSNH_ALL, Cmd.TLBI_NH_ALL, Cmd.TLBI_S12_VMALL, Cmd.TLBI_NH_VA, Cmd.TLBI_NH_VAA})
    @Rule("SMMU-EL2-07")
    void shouldKeepEl2WhenVmsAreInvalidated(int opcode) {
        stream(true);
        assertDropped(false, Cmd.tlbi0(opcode, 0, ASID), Cmd.tlbi1(IOVA, false));
    }

    @Test
    @Rule("SMMU-EL2-08")
    void shouldDropAnAddressWithoutRegardToAsidsIfThereAreNone() {
        stream(false);
        assertDropped(true, Cmd.tlbi0(Cmd.TLBI_EL2_VA, 0, 77), Cmd.tlbi1(IOVA, true));
    }

    @Test
    @Rule("SMMU-EL2-08")
    void shouldKeepOtherAsidsOfTheHostsRegime() {
        stream(true);
        assertDropped(false, Cmd.tlbi0(Cmd.TLBI_EL2_VA, 0, 77), Cmd.tlbi1(IOVA, true));
    }

    @Test
    @Rule("SMMU-EL2-08")
    void shouldDropAnAddressOfAnAsid() {
        stream(true);
        assertDropped(true, Cmd.tlbi0(Cmd.TLBI_EL2_VA, 0, ASID), Cmd.tlbi1(IOVA, true));
    }

    @Test
    @Rule("SMMU-EL2-09")
    void shouldDropAnAsid() {
        stream(true);
        assertDropped(true, Cmd.tlbi0(Cmd.TLBI_EL2_ASID, 0, ASID), 0);
    }

    @Test
    @Rule("SMMU-EL2-10")
    void shouldDropAnAddressInAllAsids() {
        stream(true);
        assertDropped(true, Cmd.tlbi0(Cmd.TLBI_EL2_VAA, 0, 0), Cmd.tlbi1(IOVA, true));
    }
}
