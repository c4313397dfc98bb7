package org.iommusim.smmuv3;

import static org.assertj.core.api.Assertions.assertThat;

import org.iommusim.hw.dma.DmaOutcome;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.smmuv3.spec.Cd;
import org.iommusim.smmuv3.spec.Event;
import org.iommusim.smmuv3.spec.Reg;
import org.iommusim.smmuv3.spec.Ste;
import org.junit.jupiter.api.Test;

/** The events that transactions end with, word by word (Arm IHI 0070, event records). */
class Smmuv3FaultTest {
    private static final long CD = Smmuv3Testbed.FREE;
    private static final long TABLES = Smmuv3Testbed.FREE + 0x10_0000;
    private static final long GUEST = 0x1000_0000;
    private static final long NOWHERE = 0x8_0000_0000L;

    private final Smmuv3Testbed bed = Smmuv3Testbed.of("mmu-600").enable();
    private final Vmsav8Tables tables = new Vmsav8Tables(bed.memory, TABLES, 0);

    private void assertEvent(DmaRequest request, int code, long w1, long w2, long w3) {
        assertThat(request.outcome()).isEqualTo(DmaOutcome.FAULT);
        assertThat(request.faultCode()).isEqualTo(code);
        assertThat(request.totalTicks()).isEqualTo(request.latency());
        assertThat(bed.events()).isEqualTo(1);
        assertThat(bed.event(0, 0)).isEqualTo(Event.word0(code, request.requesterId(), request.pasid()));
        assertThat(bed.event(0, 1)).isEqualTo(w1);
        assertThat(bed.event(0, 2)).isEqualTo(w2);
        assertThat(bed.event(0, 3)).isEqualTo(w3);
        assertThat(bed.interrupts).containsExactly("eventq");
    }

    private void stage1(int sid) {
        bed.words(CD, Smmuv3Testbed.cd(tables.root(), 5));
        bed.ste(sid, Smmuv3Testbed.stage1Ste(CD, 1));
    }

    @Test
    void shouldRecordAStreamBeyondTheTable() {
        assertEvent(bed.dmaRead(0x100, 0x5000), Event.C_BAD_STREAMID, 0, 0, 0);
    }

    @Test
    void shouldRecordAnSteThatCannotBeRead() {
        Smmuv3Testbed other = Smmuv3Testbed.of("mmu-600");
        other.write64(Reg.EVENTQ_BASE, Smmuv3Testbed.EVENTS | Smmuv3Testbed.LOG2_EVENTS);
        other.write64(Reg.STRTAB_BASE, NOWHERE);
        other.write(Reg.STRTAB_BASE_CFG, 8);
        other.write(Reg.CR0, Reg.CR0_EVENTQEN | Reg.CR0_SMMUEN);
        other.sim.scheduler().run();

        DmaRequest request = other.dmaRead(2, 0x5000);

        assertThat(request.faultCode()).isEqualTo(Event.F_STE_FETCH);
        assertThat(other.event(0, 0)).isEqualTo(Event.word0(Event.F_STE_FETCH, 2, -1));
        assertThat(other.event(0, 3)).isEqualTo(NOWHERE + 0x80);
    }

    @Test
    void shouldRecordAnInvalidSte() {
        assertEvent(bed.dmaRead(3, 0x5000), Event.C_BAD_STE, 0, 0, 0);
    }

    @Test
    void shouldRecordASubstreamWithoutContexts() {
        stage1(3);
        DmaRequest request = bed.issue(bed.request(3, 1, 0x5000, false));
        bed.sim.scheduler().run();
        assertThat(request.faultCode()).isEqualTo(Event.C_BAD_SUBSTREAMID);
        assertThat(bed.event(0, 0))
                .isEqualTo(Event.SSID.with(Event.word0(Event.C_BAD_SUBSTREAMID, 3, DmaRequest.NO_PASID), 1));
        assertThat(bed.event(0, 1) | bed.event(0, 2) | bed.event(0, 3)).isZero();
    }

    @Test
    void shouldRecordAStreamDisabledWithoutSubstream() {
        long[] ste = Smmuv3Testbed.stage1Ste(CD, 1);
        Ste.S1CDMAX.put(ste, 2);
        bed.ste(3, ste);
        assertEvent(bed.dmaRead(3, 0x5000), Event.F_STREAM_DISABLED, 0, 0, 0);
    }

    @Test
    void shouldRecordACdThatCannotBeRead() {
        bed.ste(3, Smmuv3Testbed.stage1Ste(NOWHERE, 1));
        assertEvent(bed.dmaRead(3, 0x5000), Event.F_CD_FETCH, 0, 0, NOWHERE);
    }

    @Test
    void shouldRecordAnInvalidCd() {
        bed.ste(3, Smmuv3Testbed.stage1Ste(CD, 1));
        assertEvent(bed.dmaRead(3, 0x5000), Event.C_BAD_CD, 0, 0, 0);
    }

    @Test
    void shouldRecordAnUnmappedAddress() {
        stage1(3);
        assertEvent(bed.dmaRead(3, 0x5678), Event.F_TRANSLATION, Event.word1(false, false, true, false, 2), 0x5678, 0);
    }

    @Test
    void shouldRecordAnAddressOutsideOfTheTables() {
        stage1(3);
        long iova = 1L << 48;
        assertEvent(bed.dmaWrite(3, iova), Event.F_TRANSLATION, Event.word1(false, false, false, false, 2), iova, 0);
    }

    @Test
    void shouldRecordAClearAccessFlag() {
        stage1(3);
        tables.map(0x5000, 0x2000_0000, Vmsav8Tables.S1_PAGE & ~(1 << 10));
        assertEvent(bed.dmaRead(3, 0x5000), Event.F_ACCESS, Event.word1(false, false, true, false, 2), 0x5000, 0);
    }

    @Test
    void shouldRecordAWriteToAReadOnlyPageEvenIfItIsCached() {
        stage1(3);
        tables.map(0x5000, 0x2000_0000, Vmsav8Tables.S1_READ_ONLY);
        assertThat(bed.dmaRead(3, 0x5000).outcome()).isEqualTo(DmaOutcome.OK);

        assertEvent(bed.dmaWrite(3, 0x5000), Event.F_PERMISSION, Event.word1(false, false, false, false, 2), 0x5000, 0);
    }

    @Test
    void shouldRecordATableThatCannotBeRead() {
        bed.words(CD, Smmuv3Testbed.cd(NOWHERE, 5));
        bed.ste(3, Smmuv3Testbed.stage1Ste(CD, 1));
        assertEvent(
                bed.dmaRead(3, 1L << 39),
                Event.F_WALK_EABT,
                Event.word1(false, false, true, false, Event.CLASS_TT),
                1L << 39,
                NOWHERE + 8);
    }

    @Test
    void shouldSuppressFaultsThatTheCdDoesNotRecord() {
        long[] cd = Smmuv3Testbed.cd(tables.root(), 5);
        Cd.R.put(cd, 0);
        bed.words(CD, cd);
        bed.ste(3, Smmuv3Testbed.stage1Ste(CD, 1));

        assertThat(bed.dmaRead(3, 0x5000).faultCode()).isEqualTo(Event.F_TRANSLATION);
        assertThat(bed.events()).isZero();
    }

    @Test
    void shouldRecordStage2FaultOfTheInput() {
        bed.ste(3, Smmuv3Testbed.stage2Ste(tables.root(), 7));
        assertEvent(
                bed.dmaRead(3, 0x5678), Event.F_TRANSLATION, Event.word1(false, false, true, true, 2), 0x5678, 0x5000);
    }

    @Test
    void shouldRecordAnInputThatNoIpaCanHaveAsStage1() {
        bed.ste(3, Smmuv3Testbed.stage2Ste(tables.root(), 7));
        long iova = 1L << 50;
        assertEvent(bed.dmaRead(3, iova), Event.F_ADDR_SIZE, Event.word1(false, false, true, false, 2), iova, 0);
    }

    private Vmsav8Tables nested(long cdIpa) {
        Vmsav8Tables stage1 = new Vmsav8Tables(bed.memory, 0x1_0000, GUEST);
        bed.words(GUEST, Smmuv3Testbed.cd(stage1.root(), 5));
        bed.ste(3, Smmuv3Testbed.nestedSte(cdIpa, tables.root(), 9));
        return stage1;
    }

    @Test
    void shouldRecordStage2FaultOfACdFetch() {
        nested(0x3000);
        assertEvent(
                bed.dmaRead(3, 0x5678), Event.F_TRANSLATION, Event.word1(false, false, true, true, 0), 0x5678, 0x3000);
    }

    @Test
    void shouldRecordStage2FaultOfATableWalk() {
        nested(0);
        tables.map(0, GUEST, Vmsav8Tables.S2_PAGE);
        assertEvent(
                bed.dmaRead(3, 0x5678),
                Event.F_TRANSLATION,
                Event.word1(false, false, true, true, 1),
                0x5678,
                0x1_0000);
    }

    @Test
    void shouldRecordStage2FaultOfTheIpaBehindStage1() {
        Vmsav8Tables stage1 = nested(0);
        for (long ipa = 0; ipa < 0x2_0000; ipa += 0x1000) {
            tables.map(ipa, GUEST + ipa, Vmsav8Tables.S2_PAGE);
        }
        stage1.map(0x5000, 0x7000_1000L, Vmsav8Tables.S1_PAGE);
        assertEvent(
                bed.dmaWrite(3, 0x5678),
                Event.F_TRANSLATION,
                Event.word1(false, false, false, true, 2),
                0x5678,
                0x7000_1000);
    }

    @Test
    void shouldDropEventsWhileTheQueueIsDisabled() {
        bed.write(Reg.CR0, Reg.CR0_SMMUEN);
        bed.sim.scheduler().run();

        assertThat(bed.dmaRead(3, 0x5000).outcome()).isEqualTo(DmaOutcome.FAULT);
        assertThat(bed.read(Reg.EVENTQ_PROD)).isZero();
    }

    @Test
    void shouldLoseEventsWhenTheQueueIsFullAndTellOnce() {
        for (int i = 0; i < 10; i++) {
            bed.dmaRead(3, 0x1000L * i);
        }

        assertThat(bed.read(Reg.EVENTQ_PROD)).isEqualTo(Reg.Q_OVERFLOW | 8);
        assertThat(bed.interrupts).containsExactly("eventq");

        // Software takes all and acknowledges; the next overflow toggles the flag back.
        bed.write(Reg.EVENTQ_CONS, Reg.Q_OVERFLOW | 8);
        bed.dmaRead(3, 0x9000);
        assertThat(bed.read(Reg.EVENTQ_PROD)).isEqualTo(Reg.Q_OVERFLOW | 9);
        assertThat(bed.interrupts).hasSize(2);
    }

    @Test
    void shouldRaiseAGlobalErrorIfAnEventCannotBeWritten() {
        Smmuv3Testbed other = Smmuv3Testbed.of("mmu-600");
        other.write64(Reg.EVENTQ_BASE, NOWHERE | 3);
        other.write64(Reg.STRTAB_BASE, Smmuv3Testbed.STREAM_TABLE);
        other.write(Reg.STRTAB_BASE_CFG, 8);
        other.write(Reg.IRQ_CTRL, Reg.IRQ_CTRL_GERROR);
        other.write(Reg.CR0, Reg.CR0_EVENTQEN | Reg.CR0_SMMUEN);
        other.sim.scheduler().run();

        other.dmaRead(3, 0x5000);

        assertThat(other.read(Reg.GERROR)).isEqualTo(Reg.GERROR_EVENTQ_ABT_ERR);
        assertThat(other.read(Reg.EVENTQ_PROD)).isZero();
        assertThat(other.interrupts).containsExactly("gerror");
    }

    private void enableMsi(long address) {
        bed.write(Reg.IRQ_CTRL, 0);
        bed.sim.scheduler().run();
        bed.write64(Reg.EVENTQ_IRQ_CFG0, address);
        bed.write(Reg.EVENTQ_IRQ_CFG1, 0x1234);
        bed.write(Reg.IRQ_CTRL, Reg.IRQ_CTRL_EVENTQ);
        bed.sim.scheduler().run();
    }

    @Test
    void shouldWriteAnMsiIfItHasAnAddress() {
        long address = Smmuv3Testbed.FREE + 0x8000;
        enableMsi(address);

        bed.dmaRead(3, 0x5000);

        assertThat(bed.memory.read64(address)).isEqualTo(0x1234);
        assertThat(bed.interrupts).containsExactly("eventq");
    }

    @Test
    void shouldRaiseAGlobalErrorIfAnMsiCannotBeWritten() {
        enableMsi(NOWHERE);

        bed.dmaRead(3, 0x5000);

        assertThat(bed.read(Reg.GERROR)).isEqualTo(Reg.GERROR_MSI_EVENTQ_ABT_ERR);
        assertThat(bed.interrupts).isEmpty();
    }
}
