package org.iommusim.vtd;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Objects;
import org.iommusim.hw.check.Promise;
import org.iommusim.hw.check.Source;
import org.iommusim.hw.check.SourceKind;
import org.iommusim.hw.check.Trail;
import org.iommusim.vtd.spec.Inv;
import org.junit.jupiter.api.Test;

/** What each descriptor promises of what was made from which word. */
class DescriptorPromiseTest {
    private static final int SID = 0x128;
    private static final int DID = 7;
    private static final int PASID = 3;

    private final VtdTestbed bed = VtdTestbed.of("scalable");

    private Trail trail(int domain, int space, boolean stage1, SourceKind kind, boolean leaf, long first, long last) {
        Trail trail = Objects.requireNonNull(bed.device.staleUse().checker()).newTrail();
        trail.begin(SID, space, first);
        trail.tables(domain, space, stage1);
        trail.read(new Source(kind, leaf, 0x1000, 1, 0, first, last));
        return trail;
    }

    private static boolean ends(Trail trail, boolean scalable, long w0, long w1) {
        return new DescriptorPromise(w0, w1, scalable).on(trail, 0) == Promise.Effect.ENDED;
    }

    private static boolean ends(Trail trail, long w0) {
        return ends(trail, true, w0, 0);
    }

    @Test
    void shouldPromiseContexts() {
        Trail trail = trail(DID, -1, false, SourceKind.DEVICE, true, 0, -1);
        assertThat(ends(trail, false, Inv.context0(Inv.G_CONTEXT_GLOBAL, 0, 0, 0), 0))
                .isTrue();
        assertThat(ends(trail, false, Inv.context0(Inv.G_CONTEXT_DOMAIN, DID, 0, 0), 0))
                .isTrue();
        assertThat(ends(trail, false, Inv.context0(Inv.G_CONTEXT_DOMAIN, DID + 1, 0, 0), 0))
                .isFalse();
        assertThat(ends(trail, Inv.context0(Inv.G_CONTEXT_DOMAIN, DID + 1, 0, 0)))
                .isTrue();
        assertThat(ends(trail, false, Inv.context0(Inv.G_CONTEXT_DEVICE, DID, SID, 0), 0))
                .isTrue();
        assertThat(ends(trail, false, Inv.context0(Inv.G_CONTEXT_DEVICE, DID + 1, SID, 0), 0))
                .isFalse();
        assertThat(ends(trail, Inv.context0(Inv.G_CONTEXT_DEVICE, DID, SID + 1, 0)))
                .isFalse();
        assertThat(ends(trail, Inv.context0(Inv.G_CONTEXT_DEVICE, DID, SID + 6, 2)))
                .isTrue();
        assertThat(ends(trail, Inv.iotlb0(Inv.G_IOTLB_GLOBAL, 0, true, true))).isFalse();
        assertThat(ends(trail, Inv.pasidCache0(Inv.G_PASID_CACHE_GLOBAL, 0, 0))).isFalse();
    }

    @Test
    void shouldPromisePasidEntries() {
        Trail trail = trail(DID, PASID, false, SourceKind.CONTEXT, true, 0, -1);
        assertThat(ends(trail, Inv.pasidCache0(Inv.G_PASID_CACHE_GLOBAL, 0, 0))).isTrue();
        assertThat(ends(trail, Inv.pasidCache0(Inv.G_PASID_CACHE_DOMAIN, DID, 0)))
                .isTrue();
        assertThat(ends(trail, Inv.pasidCache0(Inv.G_PASID_CACHE_DOMAIN, DID + 1, 0)))
                .isFalse();
        assertThat(ends(trail, Inv.pasidCache0(Inv.G_PASID_CACHE_PASID, DID, PASID)))
                .isTrue();
        assertThat(ends(trail, Inv.pasidCache0(Inv.G_PASID_CACHE_PASID, DID, PASID + 1)))
                .isFalse();
        assertThat(ends(trail, Inv.pasidCache0(Inv.G_PASID_CACHE_PASID, DID + 1, PASID)))
                .isFalse();
        assertThat(ends(trail, Inv.context0(Inv.G_CONTEXT_GLOBAL, 0, 0, 0))).isFalse();
    }

    private static long page(int did) {
        return Inv.iotlb0(Inv.G_IOTLB_PAGE, did, true, true);
    }

    @Test
    void shouldPromiseSecondStages() {
        Trail trail = trail(DID, -1, false, SourceKind.STAGE2, true, 0x20_0000, 0x3f_ffff);
        assertThat(ends(trail, Inv.iotlb0(Inv.G_IOTLB_GLOBAL, 0, true, true))).isTrue();
        assertThat(ends(trail, Inv.iotlb0(Inv.G_IOTLB_DOMAIN, DID, true, true))).isTrue();
        assertThat(ends(trail, Inv.iotlb0(Inv.G_IOTLB_DOMAIN, DID + 1, true, true)))
                .isFalse();
        assertThat(ends(trail, true, page(DID), Inv.pages1(0x20_0000, 9, true))).isTrue();
        assertThat(ends(trail, true, page(DID), Inv.pages1(0, 10, false))).isTrue();
        assertThat(ends(trail, true, page(DID), Inv.pages1(0x20_0000, 8, true))).isFalse();
        assertThat(ends(trail, true, page(DID), Inv.pages1(0x40_0000, 9, true))).isFalse();
        assertThat(ends(trail, true, page(DID + 1), Inv.pages1(0x20_0000, 9, true)))
                .isFalse();
        assertThat(ends(trail, Inv.pasidIotlb0(Inv.G_PASID_ALL, DID, 0))).isFalse();
        assertThat(ends(trail, Inv.context0(Inv.G_CONTEXT_GLOBAL, 0, 0, 0))).isFalse();
    }

    @Test
    void shouldPromisePointersOnlyWithoutTheHint() {
        Trail trail = trail(DID, -1, false, SourceKind.STAGE2, false, 0x5000, 0x5000);
        assertThat(ends(trail, true, page(DID), Inv.pages1(0x5000, 0, false))).isTrue();
        assertThat(ends(trail, true, page(DID), Inv.pages1(0x5000, 0, true))).isFalse();
        assertThat(ends(trail, true, page(DID), Inv.pages1(0x6000, 0, false))).isFalse();
    }

    @Test
    void shouldPromiseAllOfADomainThatAFirstStageHadAPartIn() {
        Trail trail = trail(DID, PASID, true, SourceKind.STAGE1, true, 0x5000, 0x5fff);
        assertThat(ends(trail, true, page(DID), Inv.pages1(0x9_0000, 0, true))).isTrue();
        assertThat(ends(trail, true, page(DID + 1), Inv.pages1(0x5000, 0, true)))
                .isFalse();
    }

    @Test
    void shouldPromiseFirstStagesByPasid() {
        Trail trail = trail(DID, PASID, true, SourceKind.STAGE1, true, 0x5000, 0x5fff);
        long all = Inv.pasidIotlb0(Inv.G_PASID_ALL, DID, PASID);
        long pages = Inv.pasidIotlb0(Inv.G_PASID_PAGE, DID, PASID);
        assertThat(ends(trail, all)).isTrue();
        assertThat(ends(trail, Inv.pasidIotlb0(Inv.G_PASID_ALL, DID, PASID + 1)))
                .isFalse();
        assertThat(ends(trail, Inv.pasidIotlb0(Inv.G_PASID_ALL, DID + 1, PASID)))
                .isFalse();
        assertThat(ends(trail, true, pages, Inv.pages1(0x5000, 0, true))).isTrue();
        assertThat(ends(trail, true, pages, Inv.pages1(0x4000, 0, true))).isFalse();
        assertThat(ends(trail, true, Inv.pasidIotlb0(Inv.G_PASID_PAGE, DID, PASID + 1), Inv.pages1(0x5000, 0, true)))
                .isFalse();
        trail.everywhere(true);
        assertThat(ends(trail, all)).isFalse();
        assertThat(ends(trail, true, Inv.pasidIotlb0(Inv.G_PASID_PAGE, DID, PASID + 1), Inv.pages1(0x5000, 0, true)))
                .isTrue();
    }

    @Test
    void shouldPromiseFirstStagePointersOnlyWithoutTheHint() {
        Trail trail = trail(DID, PASID, true, SourceKind.STAGE1, false, 0x5000, 0x5000);
        long pages = Inv.pasidIotlb0(Inv.G_PASID_PAGE, DID, PASID);
        assertThat(ends(trail, true, pages, Inv.pages1(0x5000, 0, false))).isTrue();
        assertThat(ends(trail, true, pages, Inv.pages1(0x5000, 0, true))).isFalse();
        assertThat(ends(trail, true, pages, Inv.pages1(0x9000, 0, false))).isFalse();
    }

    @Test
    void shouldPromiseNothingOfOtherThings() {
        Trail interrupt = trail(DID, PASID, false, SourceKind.INTERRUPT, true, 0, 0);
        assertThat(ends(interrupt, Inv.iotlb0(Inv.G_IOTLB_GLOBAL, 0, true, true)))
                .isFalse();
        Trail translation = trail(DID, PASID, true, SourceKind.STAGE1, true, 0x5000, 0x5fff);
        long device = Inv.pasidDeviceTlb0(SID, PASID, SID, 0);
        assertThat(ends(translation, true, device, Inv.pasidDeviceTlb1(0x5000, 0)))
                .isFalse();
    }

    private Trail inDevice(int substream) {
        Trail translation = trail(DID, substream, true, SourceKind.STAGE1, true, 0x5000, 0x5fff);
        Trail device = Objects.requireNonNull(bed.device.staleUse().checker()).newTrail();
        device.handOver(translation);
        return device;
    }

    @Test
    void shouldPromiseWhatADeviceHas() {
        Trail trail = inDevice(PASID);
        long w0 = Inv.pasidDeviceTlb0(SID, PASID, SID, 0);
        assertThat(ends(trail, true, w0, Inv.pasidDeviceTlb1(0x5000, 0))).isTrue();
        assertThat(ends(trail, true, w0, Inv.pasidDeviceTlb1(0x4000, 1))).isTrue();
        assertThat(ends(trail, true, w0, Inv.pasidDeviceTlb1(0x6000, 0))).isFalse();
        assertThat(ends(trail, true, w0, Inv.pasidDeviceTlb1(0, 52))).isTrue();
        assertThat(ends(trail, true, Inv.pasidDeviceTlb0(SID, PASID + 1, SID, 0), Inv.pasidDeviceTlb1(0x5000, 0)))
                .isFalse();
        assertThat(ends(trail, true, Inv.pasidDeviceTlb0(SID + 1, PASID, SID, 0), Inv.pasidDeviceTlb1(0x5000, 0)))
                .isFalse();
        long all = Inv.pasidDeviceTlb1(0x5000, 0) | Inv.PASID_GLOBAL.mask();
        assertThat(ends(trail, true, Inv.pasidDeviceTlb0(SID, PASID + 1, SID, 0), all))
                .isTrue();
        assertThat(ends(trail, true, Inv.deviceTlb0(SID, SID, 0), Inv.deviceTlb1(0x5000, 0)))
                .isFalse();
        assertThat(ends(trail, Inv.iotlb0(Inv.G_IOTLB_GLOBAL, 0, true, true))).isFalse();
    }

    @Test
    void shouldPromiseWhatADeviceHasWithoutPasid() {
        Trail trail = inDevice(-1);
        assertThat(ends(trail, true, Inv.deviceTlb0(SID, SID, 0), Inv.deviceTlb1(0x5000, 0)))
                .isTrue();
        assertThat(ends(trail, true, Inv.deviceTlb0(SID, SID, 0), Inv.deviceTlb1(0x6000, 0)))
                .isFalse();
        assertThat(ends(trail, true, Inv.pasidDeviceTlb0(SID, 0, SID, 0), Inv.pasidDeviceTlb1(0x5000, 0)))
                .isFalse();
    }
}
