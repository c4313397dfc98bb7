package org.iommusim.vtd.driver;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.driver.IommuMaster;
import org.iommusim.sim.testkit.Rule;
import org.iommusim.vtd.spec.PasidEntry;
import org.iommusim.vtd.spec.ScalableContextEntry;
import org.junit.jupiter.api.Test;

/** Context and PASID entries as hardware could read them after any step. */
class PasidEntriesTest {
    private final DriverTestbed bed = DriverTestbed.fake(FakeVtd.SCALABLE);

    PasidEntriesTest() {
        bed.ok(bed.driver.probe());
    }

    private long[] entry(IommuMaster master, int pasid) {
        long address = PasidTable.find((DeviceInfo) master, pasid);
        return address == 0 ? new long[PasidEntry.WORDS] : EntryStores.read(bed.iommu(), address, PasidEntry.WORDS);
    }

    @Test
    void shouldNeverShowAPresentEntryThatIsNotWhole() {
        IommuMaster master = bed.master(5);
        DmarPaging domain = bed.paging(0);
        bed.afterEachStep(() -> {
            long[] now = entry(master, 0);
            if (PasidEntry.P.isSet(now[0])) {
                assertThat(Arrays.equals(now, domain.pasidEntry()) || Arrays.equals(now, AttachDev.passThroughEntry()))
                        .as(PasidEntry.text(now))
                        .isTrue();
            }
        });
        bed.ok(bed.driver.attachDev(master, domain));
        assertThat(PasidEntry.P.isSet(entry(master, 0)[0])).isTrue();
        bed.ok(bed.driver.attachDev(master, bed.driver.identityDomain()));
        bed.ok(bed.driver.attachDev(master, bed.driver.blockedDomain()));
        assertThat(entry(master, 0)).containsOnly(0);
        bed.assertClean();
    }

    @Test
    @Rule("VTD-PRI-06")
    @Rule("VTD-PRI-07")
    void shouldInvalidateInOrderBetweenClearingPAndTheRest() {
        DeviceInfo info = bed.withAts(5);
        bed.ok(bed.driver.setDevPasid(info, bed.paging(0), 7, null));
        bed.fake().commands.clear();
        bed.ok(bed.driver.setDevPasid(
                info, bed.driver.blockedDomain(), 7, info.pasids().require().domain()));
        assertThat(bed.fake().commands.get(6)).endsWith("data=0x2 drain-page-requests");
        assertThat(bed.fake().commands)
                .startsWith(
                        "pasid-cache pasid did=2 pasid=7",
                        "pasid-iotlb all did=2 pasid=7",
                        "pasid-device-tlb sid=0x5 pasid=7 all",
                        "wait fence",
                        "pasid-iotlb all did=2 pasid=7",
                        "pasid-device-tlb sid=0x5 pasid=7 all");
        assertThat(info.pasids().get()).isNull();
        bed.assertClean();
    }

    @Test
    void shouldRefuseAnEntryThatIsPresent() {
        IommuMaster master = bed.master(5);
        DmarPaging domain = bed.paging(0);
        bed.ok(bed.driver.attachDev(master, domain));
        assertThat(bed.run(PasidSetup.call((DeviceInfo) master, 0, domain.pasidEntry())))
                .isEqualTo(Errno.EBUSY);
        bed.assertClean();
    }

    @Test
    void shouldRefusePasidsThatCannotBe() {
        IommuMaster master = bed.master(5);
        DmarPaging domain = bed.paging(0);
        assertThat(bed.run(bed.driver.setDevPasid(master, domain, 1 << 20, null)))
                .isEqualTo(Errno.EINVAL);
        assertThat(bed.run(bed.driver.setDevPasid(master, domain, 0, null))).isEqualTo(Errno.EINVAL);
        DriverTestbed legacy = DriverTestbed.fake(FakeVtd.LEGACY);
        legacy.ok(legacy.driver.probe());
        assertThat(legacy.run(legacy.driver.setDevPasid(legacy.master(5), legacy.paging(0), 7, null)))
                .isEqualTo(Errno.EOPNOTSUPP);
        assertThat(legacy.master(6).maxPasids()).isZero();
    }

    @Test
    void shouldGiveDevicesAContextEntryFromProbingToReleasing() {
        long before = bed.pages.usedPages();
        DeviceInfo info = bed.withAts(0x185);
        long address = ContextTable.find(bed.iommu(), 0x185);
        long[] context = EntryStores.read(bed.iommu(), address, ScalableContextEntry.WORDS);
        assertThat(ScalableContextEntry.text(context)).contains(" DTE", " PASIDE", " PRE", "RID_PASID=0");
        assertThat(ScalableContextEntry.pasids(context[0])).isEqualTo(1 << 20);
        assertThat(info.atsEnabled.get()).isEqualTo(1);
        bed.fake().commands.clear();
        bed.ok(bed.driver.releaseDevice(info));
        assertThat(bed.fake().commands).containsExactly("context device did=0 sid=0x185 fm=0");
        assertThat(EntryStores.read(bed.iommu(), address, ScalableContextEntry.WORDS))
                .containsOnly(0);
        assertThat(bed.pages.usedPages()).isEqualTo(before + 1); // the context table stays
        assertThat(bed.run(bed.driver.attachDev(info, bed.paging(0)))).isEqualTo(Errno.ENODEV);
        bed.assertClean();
    }
}
