package org.iommusim.amdvi;

import static org.assertj.core.api.Assertions.assertThat;

import org.iommusim.amdvi.spec.Cmd;
import org.iommusim.amdvi.spec.Control;
import org.iommusim.amdvi.spec.Dte;
import org.iommusim.amdvi.spec.Event;
import org.iommusim.amdvi.spec.Ppr;
import org.iommusim.amdvi.spec.Reg;
import org.iommusim.hw.dma.DmaOutcome;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.hw.dma.Station;
import org.iommusim.hw.pcie.AddressMode;
import org.iommusim.hw.pcie.Atc;
import org.iommusim.hw.pcie.AtsSettings;
import org.iommusim.hw.pcie.LinkTiming;
import org.iommusim.hw.pcie.PciFunction;
import org.iommusim.hw.pcie.RootPort;
import org.iommusim.sim.testkit.Rule;
import org.junit.jupiter.api.Test;

/** A function with a TLB of its own behind an AMD-Vi unit: messages on the link, invalidations, page requests. */
class DeviceTlbEndToEndTest {
    private static final int ID = 0x100;
    private static final int PASID = 5;
    private static final int DOMAIN = 7;
    private static final long OLD = 0x2000_0000;
    private static final long NEW = 0x3000_0000;

    private final AmdViTestbed bed = AmdViTestbed.of("guest-tables").enable();
    private final PciFunction function;
    private final Atc atc;
    private final long root = bed.page();
    private final long[] words = Dte.passThrough(DOMAIN);

    DeviceTlbEndToEndTest() {
        RootPort port =
                new RootPort(bed.sim, "rp0", bed.device, bed.memory, bed.port, new LinkTiming(100_000, 16_000, 24));
        function = new PciFunction(bed.sim.world(), "nic", ID, port);
        atc = function.addAtc(bed.sim, new AtsSettings(16, 2_000, 12, 4, 2, 1, 3));
        atc.setEnabled(true);
        atc.pages().setEnabled(true);
        function.setPresent(true);
        function.setBusMaster(true);
        long gcr3 = bed.page();
        bed.gcr3(gcr3, PASID, root);
        Dte.putGuest(words, gcr3, 1, 4);
        Dte.I.put(words, 1);
        Dte.PPR.put(words, 1);
        bed.entry(ID, words);
        bed.write64(Reg.CONTROL, Control.INV_TIMEOUT.with(bed.read64(Reg.CONTROL), 1));
    }

    private DmaRequest issue(long iova, boolean write, AddressMode mode) {
        DmaRequest request = new DmaRequest();
        request.begin(1, ID, PASID, iova, 64, write, bed.sim.now());
        function.issue(request, mode, r -> assertThat(r.totalTicks()).isEqualTo(r.latency()));
        return request;
    }

    private DmaRequest access(long iova, boolean write, AddressMode mode) {
        DmaRequest request = issue(iova, write, mode);
        bed.run();
        return request;
    }

    private void map(long iova, long to) {
        bed.mapGuest(root, 4, iova, to);
    }

    private void putUnit(long iova) {
        bed.put(Cmd.invalidateIommuPages0(DOMAIN, PASID), Cmd.pages1(iova, 12) | Cmd.GN.mask());
    }

    /** As a driver does it: the unit's caches first, then the function's, then a wait. */
    private void putInvalidation(long iova) {
        putUnit(iova);
        bed.put(Cmd.invalidateIotlbPages0(ID, ID, 0, PASID), Cmd.pages1(iova, 12) | Cmd.GN.mask());
        bed.putWait();
        bed.ring();
    }

    private boolean waited() {
        return bed.waited() == bed.lastWait();
    }

    private void respond(int group, int status) {
        bed.command(Cmd.completePprRequest0(ID, PASID), Cmd.completePprRequest1(group, status) | Cmd.GN.mask());
    }

    private long pageRequests() {
        return bed.read64(Reg.PPR_TAIL) / Ppr.BYTES;
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
    @Rule("AMDVI-ATC-01")
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
        assertThat(bed.events()).as("the function has answered in time").isZero();
    }

    @Test
    @Rule("AMDVI-ATC-02")
    @Rule("AMDVI-ATS-17")
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

    /** The wait is complete all the same: software that does not look into the log learns nothing. */
    @Test
    @Rule("AMDVI-ATC-05")
    void shouldCompleteWaitsThoughItIsGone() {
        function.setPresent(false);
        long from = bed.sim.now();
        putInvalidation(0x5000);
        bed.run();
        assertThat(waited()).isTrue();
        assertThat(bed.sim.now() - from).isGreaterThan(1_000_000_000L);
        long[] event = bed.takeEvent();
        assertThat(Event.code(event[0])).isEqualTo(Event.IOTLB_INV_TIMEOUT);
        assertThat(Event.DEVICE_ID.getInt(event[0])).isEqualTo(ID);
        assertThat(event[1]).isEqualTo(AmdViTestbed.COMMANDS + Cmd.BYTES);
    }

    @Test
    void shouldPromiseNothingAboutADeviceTlbThatIsNotInvalidated() {
        map(0x5000, OLD);
        access(0x5000, false, AddressMode.ATS);
        map(0x5000, NEW);
        // The function's TLB is forgotten.
        putUnit(0x5000);
        bed.putWait();
        bed.ring();
        bed.run();
        assertThat(access(0x5000, false, AddressMode.ATS).physicalAddress()).isEqualTo(OLD);
        assertThat(bed.sim.violations().isEmpty()).as("nothing was promised").isTrue();
    }

    @Test
    @Rule("AMDVI-PPR-12")
    void shouldAskForAPageAndTryAgain() {
        DmaRequest first = access(0x5000, true, AddressMode.ATS_PRI);
        DmaRequest second = access(0x6000, true, AddressMode.ATS_PRI);
        assertThat(atc.pages().outstanding()).isEqualTo(1);
        assertThat(pageRequests()).isEqualTo(1);
        long at = AmdViTestbed.PAGE_REQUESTS;
        assertThat(Ppr.text(bed.memory.read64(at), bed.memory.read64(at + 8)))
                .isEqualTo("device=0x100 pasid=5 addr=0x5000 tag=0 write user last");
        map(0x5000, OLD);
        respond(0, Cmd.PPR_SUCCESS);
        assertThat(first.outcome()).isEqualTo(DmaOutcome.OK);
        assertThat(first.ticks(Station.STALLED)).isPositive();
        // The next group is free for the second one; its page does not exist.
        assertThat(pageRequests()).isEqualTo(2);
        respond(1, Cmd.PPR_INVALID);
        assertThat(second.outcome()).isEqualTo(DmaOutcome.FAULT);
        assertThat(atc.pages().responseFailure()).isFalse();
        bed.command(Cmd.invalidateIommuAll0()); // waits for nobody who has asked for a page
    }

    /** PCIe: what is not there is not cached. */
    @Test
    @Rule("AMDVI-ATS-22")
    void shouldAskAgainForWhatWasNotThere() {
        assertThat(access(0x5000, false, AddressMode.ATS).outcome()).isEqualTo(DmaOutcome.FAULT);
        assertThat(atc.size()).isZero();
        map(0x5000, OLD);
        assertThat(access(0x5000, false, AddressMode.ATS).physicalAddress()).isEqualTo(OLD);
    }

    @Test
    @Rule("AMDVI-PPR-08")
    @Rule("AMDVI-PRI-06")
    void shouldLeaveTheAnswerToSoftwareWhereTheEntryForbidsPageRequests() {
        Dte.PPR.put(words, 0);
        bed.entry(ID, words);
        DmaRequest request = access(0x5000, true, AddressMode.ATS_PRI);
        assertThat(pageRequests()).isZero();
        long[] event = bed.takeEvent();
        assertThat(Event.text(event[0], event[1]))
                .isEqualTo("INVALID_PPR_REQUEST device=0x100 pasid=5 tag=0 flags=0x200 addr=0x5000");
        assertThat(atc.pages().outstanding()).isEqualTo(1);
        respond(0, Cmd.PPR_FAILURE);
        assertThat(request.outcome()).isEqualTo(DmaOutcome.FAULT);
        assertThat(atc.pages().responseFailure()).isTrue();
        Dte.PPR.put(words, 1);
        bed.entry(ID, words);
        bed.command(Cmd.invalidateDevtabEntry0(ID));
        access(0x5000, true, AddressMode.ATS_PRI);
        assertThat(pageRequests()).as("switched off by the failure").isZero();
        atc.pages().setEnabled(true);
        access(0x5000, true, AddressMode.ATS_PRI);
        assertThat(pageRequests()).isEqualTo(1);
    }

    /** PPR of the entry belongs to enhanced handling; before, whoever has tables may ask. */
    @Test
    @Rule("AMDVI-PPR-14")
    void shouldAskTheEntryOnlyWithEnhancedHandling() {
        bed.write64(Reg.CONTROL, bed.read64(Reg.CONTROL) & ~Control.EPH_EN.mask());
        Dte.PPR.put(words, 0);
        bed.entry(ID, words);
        access(0x5000, true, AddressMode.ATS_PRI);
        assertThat(pageRequests()).isEqualTo(1);
        assertThat(bed.events()).isZero();
    }
}
