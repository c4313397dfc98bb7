package org.iommusim.vtd;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Which requests under way an invalidation meets: whoever may still use, or put back, what is invalidated. */
class FlightHitsTest {
    private static final int SID = 0x128;
    private static final int DID = 7;
    private static final int PASID = 3;

    private final VtdTestbed bed = VtdTestbed.of("scalable").scalable();
    private final Invalidation what = new Invalidation(new Mistakes(), false, false);

    /** A flight that uses a second-stage page of 4 KiB at 0x5000, in legacy mode. */
    private Flight legacy() {
        Flight flight = bed.device.flights().take();
        flight.arrive(bed.request(SID, -1, 0x5008, false), r -> {}, 1);
        flight.usesContext = true;
        flight.did = DID;
        flight.secondStage = true;
        flight.pageShift = 12;
        return flight;
    }

    /** A flight that uses a first-stage page of 4 KiB at 0x5000. */
    private Flight scalable() {
        Flight flight = bed.device.flights().take();
        flight.arrive(bed.request(SID, PASID, 0x5008, false), r -> {}, 1);
        flight.scalable = true;
        flight.usesContext = true;
        flight.usesPasid = true;
        flight.did = DID;
        flight.pasid = PASID;
        flight.firstStage = true;
        flight.pageShift = 12;
        flight.firstShift = 12;
        return flight;
    }

    private boolean hits(Flight flight, Consumer<Invalidation> description) {
        description.accept(what);
        return what.hits(flight);
    }

    @Test
    void shouldMeetNobodyWhoUsesNothing() {
        Flight flight = legacy();
        flight.usesContext = false;
        assertThat(hits(flight, Invalidation::iotlbGlobal)).isFalse();
        assertThat(hits(flight, Invalidation::contextGlobal)).isFalse();
    }

    @Test
    void shouldMeetContextsOfLegacyModeByDomainAndSource() {
        Flight flight = legacy();
        assertThat(hits(flight, Invalidation::contextGlobal)).isTrue();
        assertThat(hits(flight, w -> w.contextDomain(DID))).isTrue();
        assertThat(hits(flight, w -> w.contextDomain(DID + 1))).isFalse();
        assertThat(hits(flight, w -> w.contextDevice(DID, SID, 0))).isTrue();
        assertThat(hits(flight, w -> w.contextDevice(DID, SID + 1, 0))).isFalse();
        assertThat(hits(flight, w -> w.contextDevice(DID, SID + 4, 1))).isTrue();
        assertThat(hits(flight, w -> w.contextDevice(DID + 1, SID, 0))).isFalse();
        assertThat(hits(flight, Invalidation::pasidCacheGlobal)).isFalse();
    }

    @Test
    void shouldMeetContextsOfScalableModeWhateverTheDomain() {
        Flight flight = scalable();
        assertThat(hits(flight, w -> w.contextDomain(DID + 1))).isTrue();
        assertThat(hits(flight, w -> w.contextDevice(DID + 1, SID, 0))).isTrue();
        assertThat(hits(flight, w -> w.contextDevice(DID, SID + 8, 0))).isFalse();
    }

    @Test
    void shouldMeetPasidEntriesByDomainAndPasid() {
        Flight flight = scalable();
        assertThat(hits(flight, Invalidation::pasidCacheGlobal)).isTrue();
        assertThat(hits(flight, w -> w.pasidCacheDomain(DID))).isTrue();
        assertThat(hits(flight, w -> w.pasidCacheDomain(DID + 1))).isFalse();
        assertThat(hits(flight, w -> w.pasidCacheSelective(DID, PASID))).isTrue();
        assertThat(hits(flight, w -> w.pasidCacheSelective(DID, PASID + 1))).isFalse();
        assertThat(hits(flight, w -> w.pasidCacheSelective(DID + 1, PASID))).isFalse();
        flight.usesPasid = false;
        assertThat(hits(flight, w -> w.pasidCacheDomain(DID))).isFalse();
        assertThat(hits(flight, w -> w.pasidCacheSelective(DID, PASID))).isFalse();
    }

    @Test
    void shouldMeetSecondStagesByDomainAndPage() {
        Flight flight = legacy();
        assertThat(hits(flight, Invalidation::iotlbGlobal)).isTrue();
        assertThat(hits(flight, w -> w.iotlbDomain(DID))).isTrue();
        assertThat(hits(flight, w -> w.iotlbDomain(DID + 1))).isFalse();
        assertThat(hits(flight, w -> w.iotlbPage(DID, 0x5000, 0, true))).isTrue();
        assertThat(hits(flight, w -> w.iotlbPage(DID, 0x4000, 1, false))).isTrue();
        assertThat(hits(flight, w -> w.iotlbPage(DID, 0x6000, 0, false))).isFalse();
        assertThat(hits(flight, w -> w.iotlbPage(DID, 0x4000, 0, false))).isFalse();
        assertThat(hits(flight, w -> w.iotlbPage(DID + 1, 0x5000, 0, true))).isFalse();
        assertThat(hits(flight, w -> w.pasidIotlbPage(DID, PASID, 0x5000, 0, true)))
                .isFalse();
        assertThat(hits(flight, w -> w.pasidIotlb(DID, PASID))).isFalse();
    }

    /** A part of the page is enough: rather too often than too rarely. */
    @Test
    void shouldMeetLargePagesByAnyPart() {
        Flight flight = legacy();
        flight.pageShift = 21;
        assertThat(hits(flight, w -> w.iotlbPage(DID, 0x1f_f000, 0, true))).isTrue();
        assertThat(hits(flight, w -> w.iotlbPage(DID, 0x20_0000, 0, true))).isFalse();
        Flight nested = scalable();
        nested.firstShift = 21;
        assertThat(hits(nested, w -> w.pasidIotlbPage(DID, PASID, 0x1f_f000, 0, true)))
                .isTrue();
    }

    @Test
    void shouldMeetFirstStagesByPasidAndPage() {
        Flight flight = scalable();
        assertThat(hits(flight, w -> w.pasidIotlb(DID, PASID))).isTrue();
        assertThat(hits(flight, w -> w.pasidIotlb(DID, PASID + 1))).isFalse();
        assertThat(hits(flight, w -> w.pasidIotlb(DID + 1, PASID))).isFalse();
        assertThat(hits(flight, w -> w.pasidIotlbPage(DID, PASID, 0x5000, 0, true)))
                .isTrue();
        assertThat(hits(flight, w -> w.pasidIotlbPage(DID, PASID, 0x6000, 0, true)))
                .isFalse();
        assertThat(hits(flight, w -> w.pasidIotlbPage(DID, PASID + 1, 0x5000, 0, true)))
                .isFalse();
        assertThat(hits(flight, w -> w.pasidIotlbPage(DID + 1, PASID, 0x5000, 0, true)))
                .isFalse();
        // Nobody knows which pages of the second stage it came through.
        assertThat(hits(flight, w -> w.iotlbPage(DID, 0x9000, 0, true))).isTrue();
        assertThat(hits(flight, w -> w.iotlbPage(DID + 1, 0x9000, 0, true))).isFalse();
    }

    /** Another PASID may use the same page as a global one. */
    @Test
    void shouldMeetGlobalPagesByEveryPasid() {
        Flight flight = scalable();
        flight.global = true;
        assertThat(hits(flight, w -> w.pasidIotlbPage(DID, PASID + 1, 0x5000, 0, true)))
                .isTrue();
        assertThat(hits(flight, w -> w.pasidIotlb(DID, PASID + 1))).isFalse();
        // As long as the walk is not through, its page may turn out to be global.
        flight.global = false;
        flight.pageShift = 0;
        assertThat(hits(flight, w -> w.pasidIotlbPage(DID, PASID + 1, 0x5000, 0, true)))
                .isTrue();
    }

    @Test
    void shouldMeetWhoseDomainIsNotKnownYet() {
        Flight flight = scalable();
        flight.did = -1;
        flight.pasid = -1;
        flight.firstStage = false;
        flight.pageShift = 0;
        assertThat(hits(flight, w -> w.iotlbDomain(99))).isTrue();
        assertThat(hits(flight, w -> w.iotlbPage(99, 0x9000, 0, true))).isTrue();
        assertThat(hits(flight, w -> w.pasidIotlb(99, 99))).isTrue();
        assertThat(hits(flight, w -> w.pasidIotlbPage(99, 99, 0x9000, 0, true))).isTrue();
        assertThat(hits(flight, w -> w.pasidCacheDomain(99))).isTrue();
    }

    /** A walk that is not through may hold a pointer that stands for more than its own page. */
    @Test
    void shouldMeetWalksByPagesNearby() {
        Flight flight = legacy();
        flight.pageShift = 0;
        assertThat(hits(flight, w -> w.iotlbPage(DID, 0x9000, 0, false))).isTrue();
        assertThat(hits(flight, w -> w.iotlbPage(DID, 0x9000, 0, true))).isFalse();
        assertThat(hits(flight, w -> w.iotlbPage(DID, 0x5000, 0, true))).isTrue();
    }

    @Test
    void shouldWaitForTheKindsThatAreDrained() {
        Flight reader = legacy();
        Flight writer = bed.device.flights().take();
        writer.arrive(bed.request(SID, -1, 0x5008, true), r -> {}, 1);
        for (int kinds = 0; kinds < 4; kinds++) {
            boolean reads = (kinds & 1) != 0;
            boolean writes = (kinds & 2) != 0;
            what.iotlbGlobal();
            what.drains(reads, writes);
            assertThat(what.waitsFor(reader)).isEqualTo(reads);
            assertThat(what.waitsFor(writer)).isEqualTo(writes);
        }
        // The next description begins anew.
        what.contextGlobal();
        assertThat(what.waitsFor(reader) && what.waitsFor(writer)).isTrue();
        Invalidation always = new Invalidation(new Mistakes(), false, true);
        always.iotlbGlobal();
        always.drains(false, false);
        assertThat(always.waitsFor(reader) && always.waitsFor(writer)).isTrue();
    }
}
