package org.iommusim.smmuv3;

import static org.assertj.core.api.Assertions.assertThat;

import org.iommusim.hw.dma.DmaOutcome;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.hw.dma.Station;
import org.iommusim.hw.pcie.AddressMode;
import org.iommusim.hw.pcie.Atc;
import org.iommusim.hw.pcie.AtsSettings;
import org.iommusim.hw.pcie.LinkTiming;
import org.iommusim.hw.pcie.PciFunction;
import org.iommusim.hw.pcie.RequestIds;
import org.iommusim.hw.pcie.RootPort;
import org.iommusim.hw.pcie.TrafficGenerator;
import org.iommusim.hw.pcie.TrafficPattern;
import org.iommusim.hw.pcie.TrafficSpec;
import org.iommusim.hw.pcie.TranslationEntry;
import org.iommusim.smmuv3.spec.Cmd;
import org.iommusim.smmuv3.spec.Reg;
import org.iommusim.smmuv3.spec.Ste;
import org.junit.jupiter.api.Test;

/** A function with an address translation cache behind an SMMU: messages on the link, invalidations, page requests. */
class AtcEndToEndTest {
    private static final int SID = 6;
    private static final long OLD = 0x2000_0000;
    private static final long NEW = 0x3000_0000;

    private final AtsBed ats = AtsBed.plain();
    private final PciFunction function;
    private final Atc atc;

    AtcEndToEndTest() {
        RootPort port = new RootPort(
                ats.bed.sim, "rp0", ats.bed.device, ats.bed.memory, ats.bed.port, new LinkTiming(100_000, 16_000, 24));
        function = new PciFunction(ats.bed.sim.world(), "nic", SID, port);
        atc = function.addAtc(ats.bed.sim, new AtsSettings(16, 2_000, 12, 4, 2, 1, 3));
        atc.setEnabled(true);
        atc.pages().setEnabled(true);
        function.setPresent(true);
        function.setBusMaster(true);
        ats.bed.ste(SID, AtsBed.eats(Smmuv3Testbed.stage1Ste(AtsBed.CD, AtsBed.VMID), Ste.EATS_TRANS));
        ats.control(Reg.CR0_PRIQEN);
    }

    private DmaRequest issue(long iova, boolean write, AddressMode mode) {
        DmaRequest request = new DmaRequest();
        request.begin(1, SID, DmaRequest.NO_PASID, iova, 64, write, ats.bed.sim.now());
        function.issue(request, mode, r -> assertThat(r.totalTicks()).isEqualTo(r.latency()));
        return request;
    }

    private DmaRequest access(long iova, boolean write, AddressMode mode) {
        DmaRequest request = issue(iova, write, mode);
        ats.run();
        return request;
    }

    private void map(long iova, long to) {
        ats.first.map(iova, to, Vmsav8Tables.S1_PAGE);
    }

    private void invalidate() {
        ats.bed.command(Cmd.TLBI_NSNH_ALL, 0);
        ats.bed.put(Cmd.atcInv0(SID, -1, false), Cmd.atcInv1(0x5000, 0));
        ats.bed.put(Cmd.sync0(Cmd.CS_NONE), 0);
        ats.bed.ring();
    }

    @Test
    void shouldAskOnceAndThenSendTranslatedRequests() {
        map(0x5000, OLD);
        DmaRequest first = access(0x5040, true, AddressMode.ATS);
        DmaRequest second = access(0x5080, true, AddressMode.ATS);
        assertThat(first.physicalAddress()).isEqualTo(OLD + 0x40);
        assertThat(second.physicalAddress()).isEqualTo(OLD + 0x80);
        assertThat(atc.size()).isEqualTo(1);
        assertThat(second.ticks(Station.DEVICE_QUEUE)).isEqualTo(2_000);
        assertThat(first.ticks(Station.LINK_DOWN)).isPositive();
        assertThat(second.ticks(Station.LINK_DOWN)).isZero();
    }

    @Test
    void shouldForgetWhatIsInvalidated() {
        map(0x5000, OLD);
        map(0x6000, OLD);
        access(0x5000, false, AddressMode.ATS);
        access(0x6000, false, AddressMode.ATS);
        map(0x5000, NEW);
        invalidate();
        ats.run();
        assertThat(ats.bed.consumed()).isTrue();
        assertThat(atc.size()).isEqualTo(1);
        assertThat(access(0x5000, false, AddressMode.ATS).physicalAddress()).isEqualTo(NEW);
    }

    @Test
    void shouldCompleteAnInvalidationBehindWhatUsedTheOldTranslation() {
        for (boolean write : new boolean[] {false, true}) {
            map(0x5000, OLD);
            access(0x5000, write, AddressMode.ATS);
            DmaRequest late = issue(0x5000, write, AddressMode.ATS);
            ats.bed.put(Cmd.atcInv0(SID, -1, false), Cmd.atcInv1(0, Cmd.ATC_SIZE_ALL));
            ats.bed.put(Cmd.sync0(Cmd.CS_NONE), 0);
            ats.bed.ring();
            while (!ats.bed.consumed()) {
                assertThat(ats.bed.sim.scheduler().step()).isTrue();
            }
            assertThat(late.outcome()).isEqualTo(DmaOutcome.OK);
            assertThat(late.answeredAt()).isNotNegative();
            ats.run();
        }
    }

    @Test
    void shouldNotAnswerWhenItIsGone() {
        function.setPresent(false);
        invalidate();
        ats.run();
        int reason = (ats.bed.read(Reg.CMDQ_CONS) & Reg.CMDQ_CONS_ERR) >>> Reg.CMDQ_CONS_ERR_SHIFT;
        assertThat(reason).isEqualTo(Reg.CERROR_ATC_INV_SYNC);
    }

    @Test
    void shouldFailWithoutPageRequests() {
        assertThat(access(0x5000, false, AddressMode.ATS).outcome()).isEqualTo(DmaOutcome.FAULT);
        assertThat(atc.size()).isZero();
        assertThat(ats.events()).isEmpty();
    }

    @Test
    void shouldAskForAPageAndTryAgain() {
        DmaRequest first = access(0x5000, true, AddressMode.ATS_PRI);
        DmaRequest second = access(0x6000, true, AddressMode.ATS_PRI);
        assertThat(atc.pages().outstanding()).isEqualTo(1);
        assertThat(ats.bed.read(Reg.PRIQ_PROD)).isEqualTo(1);
        map(0x5000, OLD);
        ats.bed.command(Cmd.priResp0(SID, -1), Cmd.priResp1(0, Cmd.PRI_SUCC));
        assertThat(first.outcome()).isEqualTo(DmaOutcome.OK);
        assertThat(first.ticks(Station.STALLED)).isPositive();
        // The next group is free for the second one; its page does not exist.
        assertThat(ats.bed.read(Reg.PRIQ_PROD)).isEqualTo(2);
        ats.bed.command(Cmd.priResp0(SID, -1), Cmd.priResp1(1, Cmd.PRI_FAIL));
        assertThat(second.outcome()).isEqualTo(DmaOutcome.FAULT);
        assertThat(atc.pages().responseFailure()).isFalse();
    }

    @Test
    void shouldStopPageRequestsAfterAFailure() {
        ats.control(0);
        assertThat(access(0x5000, true, AddressMode.ATS_PRI).outcome()).isEqualTo(DmaOutcome.FAULT);
        assertThat(atc.pages().responseFailure()).isTrue();
        ats.control(Reg.CR0_PRIQEN);
        assertThat(access(0x5000, true, AddressMode.ATS_PRI).outcome()).isEqualTo(DmaOutcome.FAULT);
        assertThat(ats.bed.read(Reg.PRIQ_PROD)).isZero();
    }

    @Test
    void shouldLoseWhatWaitsForAPageWhenItGoes() {
        DmaRequest request = access(0x5000, true, AddressMode.ATS_PRI);
        function.setPresent(false);
        ats.run();
        assertThat(request.outcome()).isEqualTo(DmaOutcome.LOST);
    }

    @Test
    void shouldDriveTraffic() {
        map(0x5000, OLD);
        TrafficSpec spec = new TrafficSpec(
                "t", 0x5000, 0x1000, 64, TrafficPattern.RANDOM, 0, 50, 100, 4, 0, false, 0, -1, AddressMode.ATS);
        TrafficGenerator traffic = new TrafficGenerator(
                ats.bed.sim,
                function,
                spec,
                new RequestIds(ats.bed.sim.world()),
                r -> assertThat(r.outcome()).isEqualTo(DmaOutcome.OK));
        traffic.start();
        ats.run();
        assertThat(traffic.done()).isTrue();
    }

    @Test
    void shouldEncodeSizes() {
        for (int shift = 12; shift < 60; shift++) {
            long entry = TranslationEntry.of(0xabcd_ef12_3456_7000L, shift, TranslationEntry.R);
            assertThat(TranslationEntry.shift(entry)).isEqualTo(shift);
            assertThat(TranslationEntry.address(entry)).isEqualTo(0xabcd_ef12_3456_7000L & -1L << shift);
        }
    }
}
