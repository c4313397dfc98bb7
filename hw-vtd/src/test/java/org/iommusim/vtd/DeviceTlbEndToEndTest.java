package org.iommusim.vtd;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.iommusim.hw.dma.DmaOutcome;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.hw.dma.Station;
import org.iommusim.hw.pcie.AddressMode;
import org.iommusim.hw.pcie.Atc;
import org.iommusim.hw.pcie.AtsSettings;
import org.iommusim.hw.pcie.LinkTiming;
import org.iommusim.hw.pcie.PciFunction;
import org.iommusim.hw.pcie.RootPort;
import org.iommusim.vtd.spec.Inv;
import org.iommusim.vtd.spec.PageReq;
import org.iommusim.vtd.spec.PasidEntry;
import org.iommusim.vtd.spec.Reg;
import org.iommusim.vtd.spec.ScalableContextEntry;
import org.junit.jupiter.api.Test;

/** A function with a device TLB behind a VT-d unit: messages on the link, invalidations, page requests. */
class DeviceTlbEndToEndTest {
    private static final int SID = 0x100;
    private static final int PASID = 5;
    private static final int DID = 7;
    private static final long OLD = 0x2000_0000;
    private static final long NEW = 0x3000_0000;

    private final VtdTestbed bed =
            VtdTestbed.of("scalable", Map.of("devtlb_timeout_us", 50L)).scalable();
    private final PciFunction function;
    private final Atc atc;
    private final long root = bed.page();

    DeviceTlbEndToEndTest() {
        RootPort port =
                new RootPort(bed.sim, "rp0", bed.device, bed.memory, bed.port, new LinkTiming(100_000, 16_000, 24));
        function = new PciFunction(bed.sim.world(), "nic", SID, port);
        atc = function.addAtc(bed.sim, new AtsSettings(16, 2_000, 12, 4, 2, 1, 3));
        atc.setEnabled(true);
        atc.pages().setEnabled(true);
        function.setPresent(true);
        function.setBusMaster(true);
        bed.scalableContext(SID, VtdTestbed.function());
        bed.pasid(PASID, PasidEntry.firstStage(root, 4, DID));
    }

    private DmaRequest issue(long iova, boolean write, AddressMode mode) {
        return issue(PASID, iova, write, mode);
    }

    private DmaRequest issue(int pasid, long iova, boolean write, AddressMode mode) {
        DmaRequest request = new DmaRequest();
        request.begin(1, SID, pasid, iova, 64, write, bed.sim.now());
        function.issue(request, mode, r -> assertThat(r.totalTicks()).isEqualTo(r.latency()));
        return request;
    }

    private DmaRequest access(long iova, boolean write, AddressMode mode) {
        DmaRequest request = issue(iova, write, mode);
        bed.run();
        return request;
    }

    private void map(long iova, long to) {
        bed.mapFirst(root, 4, iova, to);
    }

    /** As a driver does it: the unit's caches first, then the device's, then a wait. */
    private void putInvalidation(long iova) {
        bed.put(Inv.pasidIotlb0(Inv.G_PASID_PAGE, DID, PASID), Inv.pages1(iova, 0, true));
        bed.put(Inv.pasidDeviceTlb0(SID, PASID, 0, 0), Inv.pasidDeviceTlb1(iova, 0));
        bed.putWait();
        bed.ring();
    }

    private boolean waited() {
        return bed.waited() == bed.lastWait();
    }

    private void respond(int group, int code) {
        bed.invalidate(Inv.pageGroupResponse0(SID, PASID, code), Inv.pageGroupResponse1(group, true));
    }

    private int pageRequests() {
        return bed.read(Reg.PQT) / PageReq.BYTES;
    }

    @Test
    void shouldAskOnceAndThenSendTranslatedRequests() {
        map(0x5000, OLD);
        DmaRequest first = access(0x5040, true, AddressMode.ATS);
        DmaRequest second = access(0x5080, true, AddressMode.ATS);
        assertThat(first.physicalAddress()).isEqualTo(OLD + 0x40);
        assertThat(second.physicalAddress()).isEqualTo(OLD + 0x80);
        assertThat(atc.size()).isEqualTo(1);
        assertThat(second.ticks(Station.LINK_DOWN)).isZero();
    }

    @Test
    void shouldForgetWhatIsInvalidated() {
        map(0x5000, OLD);
        map(0x6000, OLD);
        access(0x5000, false, AddressMode.ATS);
        access(0x6000, false, AddressMode.ATS);
        map(0x5000, NEW);
        putInvalidation(0x5000);
        bed.run();
        assertThat(waited()).isTrue();
        assertThat(atc.size()).isEqualTo(1);
        assertThat(access(0x5000, false, AddressMode.ATS).physicalAddress()).isEqualTo(NEW);
        assertThat(bed.sim.violations().isEmpty()).isTrue();
    }

    @Test
    void shouldForgetEveryPasidIfAskedTo() {
        map(0x5000, OLD);
        bed.pasid(PASID + 1, PasidEntry.firstStage(root, 4, DID));
        issue(PASID, 0x5000, false, AddressMode.ATS);
        issue(PASID + 1, 0x5000, false, AddressMode.ATS);
        bed.run();
        assertThat(atc.size()).isEqualTo(2);
        bed.invalidate(Inv.pasidDeviceTlb0(SID, PASID, 0, 0), Inv.pasidDeviceTlb1(0x6000, 0));
        assertThat(atc.size()).isEqualTo(2);
        bed.invalidate(Inv.pasidDeviceTlb0(SID, PASID, 0, 0), Inv.pasidDeviceTlb1(0x5000, 0) | Inv.PASID_GLOBAL.mask());
        assertThat(atc.size()).isZero();
    }

    @Test
    void shouldCompleteAWaitBehindWhatUsedTheOldTranslation() {
        for (boolean write : new boolean[] {false, true}) {
            map(0x5000, OLD);
            access(0x5000, write, AddressMode.ATS);
            DmaRequest late = issue(0x5000, write, AddressMode.ATS);
            map(0x5000, NEW);
            putInvalidation(0x5000);
            while (!waited()) {
                assertThat(bed.sim.scheduler().step()).isTrue();
            }
            assertThat(late.outcome()).isEqualTo(DmaOutcome.OK);
            assertThat(late.answeredAt()).isNotNegative();
            bed.run();
        }
        assertThat(bed.sim.violations().isEmpty()).isTrue();
    }

    /** A kernel that only submits again never gets on: each round ends with a time-out of the same source. */
    @Test
    void shouldTimeOutAgainAndAgainWhenItIsGone() {
        function.setPresent(false);
        for (int round = 0; round < 2; round++) {
            long from = bed.sim.now();
            putInvalidation(0x5000);
            bed.run();
            assertThat(waited()).isFalse();
            assertThat(bed.read(Reg.FSTS)).isEqualTo(Reg.FSTS_ITE);
            assertThat(bed.read(Reg.IQERCD + 4)).isEqualTo(SID);
            assertThat(bed.read(Reg.IQH)).isEqualTo(bed.read(Reg.IQT));
            assertThat(bed.sim.now() - from).isGreaterThan(50_000_000);
            bed.write(Reg.FSTS, Reg.FSTS_ITE);
        }
        assertThat(bed.interrupts).containsExactly("fault", "fault");
    }

    @Test
    void shouldPromiseNothingAboutADeviceTlbThatIsNotInvalidated() {
        map(0x5000, OLD);
        access(0x5000, false, AddressMode.ATS);
        map(0x5000, NEW);
        // The device TLB is forgotten.
        bed.invalidate(Inv.pasidIotlb0(Inv.G_PASID_PAGE, DID, PASID), Inv.pages1(0x5000, 0, true));
        access(0x5000, false, AddressMode.ATS);
        assertThat(bed.sim.violations().isEmpty()).as("nothing was promised").isTrue();
    }

    @Test
    void shouldAskForAPageAndTryAgain() {
        DmaRequest first = access(0x5000, true, AddressMode.ATS_PRI);
        DmaRequest second = access(0x6000, true, AddressMode.ATS_PRI);
        assertThat(atc.pages().outstanding()).isEqualTo(1);
        assertThat(pageRequests()).isEqualTo(1);
        assertThat(PageReq.text(
                        bed.memory.read64(VtdTestbed.PAGE_REQUESTS), bed.memory.read64(VtdTestbed.PAGE_REQUESTS + 8)))
                .isEqualTo("rid=0x100 pasid=5 addr=0x5000 group=0 write last");
        map(0x5000, OLD);
        respond(0, Inv.RESPONSE_SUCCESS);
        assertThat(first.outcome()).isEqualTo(DmaOutcome.OK);
        assertThat(first.ticks(Station.STALLED)).isPositive();
        // The next group is free for the second one; its page does not exist.
        assertThat(pageRequests()).isEqualTo(2);
        respond(1, Inv.RESPONSE_INVALID);
        assertThat(second.outcome()).isEqualTo(DmaOutcome.FAULT);
        assertThat(atc.pages().responseFailure()).isFalse();
    }

    @Test
    void shouldRefusePageRequestsThatTheContextForbids() {
        long[] words = VtdTestbed.function();
        ScalableContextEntry.PRE.put(words, 0);
        bed.scalableContext(SID, words);
        assertThat(access(0x5000, true, AddressMode.ATS_PRI).outcome()).isEqualTo(DmaOutcome.FAULT);
        assertThat(pageRequests()).isZero();
    }
}
