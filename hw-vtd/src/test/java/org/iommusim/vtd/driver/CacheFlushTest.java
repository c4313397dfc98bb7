package org.iommusim.vtd.driver;

import static org.assertj.core.api.Assertions.assertThat;

import org.iommusim.hw.driver.IommuMaster;
import org.iommusim.sim.testkit.Gen;
import org.junit.jupiter.api.Test;

/** What is sent when a mapping goes away: to which caches, in which order, and how much. */
class CacheFlushTest {
    private static final long PAGE = 0x1000;
    private static final int BOTH = 3;

    private static DriverTestbed probed(org.iommusim.vtd.spec.Cap cap) {
        DriverTestbed bed = DriverTestbed.fake(cap);
        bed.ok(bed.driver.probe());
        return bed;
    }

    private static void unmap(DriverTestbed bed, DmarPaging domain, long iova, long bytes) {
        bed.ok(domain.mapPages(iova, 0, bytes, BOTH));
        bed.fake().commands.clear();
        bed.ok(domain.unmapPages(iova, bytes));
        assertThat(bed.fake().commands).isEmpty();
        bed.ok(domain.iotlbSync());
    }

    @Test
    void shouldInvalidateTheUnitBeforeTheDevices() {
        DriverTestbed bed = probed(FakeVtd.SCALABLE);
        DmarPaging domain = bed.paging(0);
        bed.ok(bed.driver.attachDev(bed.withAts(5), domain));
        bed.ok(bed.driver.attachDev(bed.withAts(6), domain));
        unmap(bed, domain, 0x10000, PAGE);
        assertThat(bed.fake().commands)
                .containsExactly(
                        "pasid-iotlb page did=2 pasid=0 addr=0x10000 am=0 leaf",
                        "device-tlb sid=0x6 addr=0x10000 order=0",
                        "device-tlb sid=0x5 addr=0x10000 order=0");
        bed.assertClean();
    }

    @Test
    void shouldUseTheDomainIdInLegacyMode() {
        DriverTestbed bed = probed(FakeVtd.LEGACY);
        DmarPaging domain = bed.paging(0);
        bed.ok(bed.driver.attachDev(bed.master(5), domain));
        unmap(bed, domain, 0x3000, 2 * PAGE);
        assertThat(bed.fake().commands).containsExactly("iotlb page did=2 addr=0x0 am=3 leaf drain-reads drain-writes");
        unmap(bed, domain, 1L << 29, 1L << 30);
        assertThat(bed.fake().commands).containsExactly("iotlb domain did=2 drain-reads drain-writes");
        bed.assertClean();
    }

    @Test
    void shouldInvalidateEveryChildOfANestingParentAndAllOfItsDevicesCaches() {
        DriverTestbed bed = probed(FakeVtd.SCALABLE);
        DmarPaging parent = bed.parent();
        DeviceInfo info = bed.withAts(5);
        bed.ok(bed.driver.attachDev(info, bed.nested(info, parent, new VtdS1(0, 0x5000, 48))));
        DmarNested second = bed.nested(info, parent, new VtdS1(0, 0x6000, 48));
        bed.ok(bed.driver.setDevPasid(info, second, 7, null));
        unmap(bed, parent, 0x10000, PAGE);
        assertThat(bed.fake().commands)
                .containsExactly(
                        "iotlb page did=3 addr=0x10000 am=0 leaf drain-reads drain-writes",
                        "iotlb page did=2 addr=0x10000 am=0 leaf drain-reads drain-writes",
                        "pasid-device-tlb sid=0x5 pasid=7 all",
                        "device-tlb sid=0x5 all");
        bed.assertClean();
    }

    @Test
    void shouldSendNothingWhenNothingIsAttached() {
        DriverTestbed bed = probed(FakeVtd.SCALABLE);
        DmarPaging domain = bed.paging(0);
        IommuMaster master = bed.master(5);
        bed.ok(bed.driver.attachDev(master, domain));
        bed.ok(bed.driver.attachDev(master, bed.driver.blockedDomain()));
        unmap(bed, domain, 0, PAGE);
        assertThat(bed.fake().commands).isEmpty();
        assertThat(domain.did().get()).isZero();
        bed.assertClean();
    }

    @Test
    void shouldCoverEveryRangeByTheSmallestAlignedPowerOfTwo() {
        for (long seed = 1; seed <= 200; seed++) {
            Gen gen = new Gen(seed);
            long first = gen.below(1 << 16);
            long pages = 1 + gen.below(1 << 10);
            int order = CacheFlush.order(first * PAGE, pages * PAGE);
            assertThat(covers(first, pages, order)).as("seed " + seed).isTrue();
            assertThat(order == 0 || !covers(first, pages, order - 1))
                    .as("seed " + seed)
                    .isTrue();
        }
    }

    private static boolean covers(long first, long pages, int order) {
        return first >>> order == first + pages - 1 >>> order;
    }
}
