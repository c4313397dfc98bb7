package org.iommusim.amdvi.driver;

import static org.assertj.core.api.Assertions.assertThat;

import org.iommusim.amdvi.spec.Cmd;
import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.driver.IommuDriver;
import org.iommusim.sim.testkit.Gen;
import org.iommusim.sim.testkit.Rule;
import org.junit.jupiter.api.Test;

/** What is sent when a mapping or an attachment goes away: to which caches, in which order, and how much. */
class DomainFlushTest {
    private static final long PAGE = 0x1000;
    private static final int BOTH = 3;

    private static void unmap(DriverTestbed bed, AmdPaging domain, long iova, long bytes) {
        bed.ok(domain.mapPages(iova, 0, bytes, BOTH));
        bed.fake().commands.clear();
        bed.ok(domain.unmapPages(iova, bytes));
        assertThat(bed.fake().commands).isEmpty();
        bed.ok(domain.iotlbSync());
    }

    @Test
    @Rule("AMDVI-ATS-23")
    void shouldInvalidateTheUnitBeforeTheDevices() {
        DriverTestbed bed = DriverTestbed.fake(FakeAmdVi.ALL);
        AmdPaging domain = bed.paging(0);
        bed.ok(bed.driver.attachDev(bed.withAts(5), domain));
        bed.ok(bed.driver.attachDev(bed.withAts(6), domain));
        unmap(bed, domain, 0x10000, 2 * PAGE);
        assertThat(bed.fake().commands)
                .containsExactly(
                        "INVALIDATE_IOMMU_PAGES domain=2 addr=0x10000 size=2^13 PDE",
                        "INVALIDATE_IOTLB_PAGES device=0x6 addr=0x10000 size=2^13",
                        "INVALIDATE_IOTLB_PAGES device=0x5 addr=0x10000 size=2^13");
        bed.assertClean();
    }

    @Test
    void shouldInvalidateGuestTablesByDeviceAndPasid() {
        DriverTestbed bed = DriverTestbed.fake(FakeAmdVi.ALL);
        AmdPaging domain = bed.paging(IommuDriver.ALLOC_PASID);
        DevData dev = bed.withAts(5);
        bed.ok(bed.driver.attachDev(dev, domain));
        bed.ok(bed.driver.setDevPasid(dev, domain, 7, null));
        unmap(bed, domain, 0x10000, PAGE);
        assertThat(bed.fake().commands)
                .containsExactly(
                        "INVALIDATE_IOMMU_PAGES domain=3 pasid=7 addr=0x10000 size=2^12 PDE",
                        "INVALIDATE_IOMMU_PAGES domain=3 pasid=0 addr=0x10000 size=2^12 PDE",
                        "INVALIDATE_IOTLB_PAGES device=0x5 pasid=7 addr=0x10000 size=2^12",
                        "INVALIDATE_IOTLB_PAGES device=0x5 addr=0x10000 size=2^12");
        bed.ok(bed.driver.setDevPasid(dev, bed.driver.blockedDomain(), 7, domain));
        bed.ok(bed.driver.attachDev(dev, bed.driver.blockedDomain()));
        assertThat(domain.devices().get()).isNull();
        bed.assertClean();
    }

    @Test
    void shouldWantGuestTablesForPasids() {
        DriverTestbed bed = DriverTestbed.fake(FakeAmdVi.ALL);
        AmdPaging host = bed.paging(0);
        AmdPaging guest = bed.paging(IommuDriver.ALLOC_PASID);
        DevData dev = bed.withAts(5);
        bed.ok(bed.driver.attachDev(dev, host));
        assertThat(bed.run(bed.driver.setDevPasid(dev, host, 7, null))).isEqualTo(Errno.EOPNOTSUPP);
        assertThat(bed.run(bed.driver.setDevPasid(dev, guest, 7, null))).isEqualTo(Errno.EINVAL);
        assertThat(bed.run(bed.driver.setDevPasid(dev, guest, 0, null))).isEqualTo(Errno.EINVAL);
        assertThat(bed.run(bed.driver.setDevPasid(dev, guest, 1 << 16, null))).isEqualTo(Errno.EINVAL);
        DriverTestbed old = DriverTestbed.fake(FakeAmdVi.HOST_ONLY);
        assertThat(old.run(old.driver.setDevPasid(old.master(5), old.paging(0), 7, null)))
                .isEqualTo(Errno.EOPNOTSUPP);
        bed.assertClean();
    }

    @Test
    void shouldInvalidateAllOfADomainThatADeviceLeaves() {
        DriverTestbed bed = DriverTestbed.fake(FakeAmdVi.ALL);
        DevData dev = bed.withAts(5);
        AmdPaging domain = bed.paging(0);
        bed.ok(bed.driver.attachDev(dev, domain));
        assertThat(dev.atsEnabled()).isTrue();
        bed.fake().commands.clear();
        bed.ok(bed.driver.attachDev(dev, bed.driver.identityDomain()));
        assertThat(bed.fake().commands)
                .startsWith("INVALIDATE_DEVTAB_ENTRY device=0x5")
                .contains("INVALIDATE_IOMMU_PAGES domain=2 all PDE");
        bed.fake().commands.clear();
        bed.ok(bed.driver.attachDev(dev, bed.driver.blockedDomain()));
        assertThat(bed.fake().commands).contains("INVALIDATE_IOMMU_PAGES domain=1 all PDE");
        assertThat(bed.dte(5)).containsExactly(DteTargets.clear());
        bed.assertClean();
    }

    @Test
    void shouldTellOfWhatBecomesPresentOnlyIfThatIsCached() {
        DriverTestbed plain = DriverTestbed.fake(FakeAmdVi.HOST_ONLY);
        AmdPaging domain = plain.paging(0);
        plain.ok(domain.mapPages(0x4000, 0, PAGE, BOTH));
        assertThat(plain.fake().commands).isEmpty();
        DriverTestbed np = DriverTestbed.npCache();
        domain = np.paging(0);
        np.ok(domain.mapPages(0x4000, 0, PAGE, BOTH));
        assertThat(np.fake().commands).containsExactly("INVALIDATE_IOMMU_PAGES domain=2 addr=0x4000 size=2^12 PDE");
        np.assertClean();
    }

    @Test
    void shouldInvalidateEverythingAboveSoManyRanges() {
        DriverTestbed bed = DriverTestbed.fake(FakeAmdVi.ALL);
        AmdPaging domain = bed.paging(0);
        bed.ok(bed.driver.attachDev(bed.master(5), domain));
        for (int i = 0; i < 9; i++) {
            bed.ok(domain.mapPages(0x10000L * i, 0, PAGE, BOTH));
        }
        bed.fake().commands.clear();
        for (int i = 0; i < 9; i++) {
            bed.ok(domain.unmapPages(0x10000L * i, PAGE));
        }
        bed.ok(domain.iotlbSync());
        assertThat(bed.fake().commands).containsExactly("INVALIDATE_IOMMU_PAGES domain=2 all PDE");
    }

    @Test
    void shouldCoverEveryRangeByTheSmallestAlignedPowerOfTwo() {
        for (long seed = 1; seed <= 200; seed++) {
            Gen gen = new Gen(seed);
            long first = gen.below(1 << 16) * PAGE;
            long last = first + (1 + gen.below(1 << 10)) * PAGE - 1;
            long word = Flushes.pages(first, last - first + 1);
            int shift = Cmd.rangeShift(word);
            assertThat(first >>> shift).as("seed " + seed).isEqualTo(last >>> shift);
            assertThat(Cmd.rangeStart(word)).isEqualTo(first & -1L << shift);
            assertThat(shift == 12 || first >>> shift - 1 != last >>> shift - 1)
                    .as("seed " + seed)
                    .isTrue();
        }
        assertThat(Flushes.pages(0, 1L << 53)).isEqualTo(Cmd.allPages1());
    }
}
