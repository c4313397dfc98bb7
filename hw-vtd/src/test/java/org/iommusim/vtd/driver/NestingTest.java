package org.iommusim.vtd.driver;

import static org.assertj.core.api.Assertions.assertThat;

import org.iommusim.hw.dma.DmaOutcome;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.driver.GuestIommu;
import org.iommusim.hw.driver.IommuDomain;
import org.iommusim.hw.driver.IommuMaster;
import org.iommusim.hw.driver.UserData;
import org.iommusim.hw.driver.VirtualIommu;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.RefCell;
import org.junit.jupiter.api.Test;

/** A guest's first stage: its driver, invalidations by user space, and the vIOMMU that no kernel has. */
class NestingTest {
    private static final int BOTH = 3;
    private static final long IOVA = 0x7000_0000L;

    private static DriverTestbed fake() {
        DriverTestbed bed = DriverTestbed.fake(FakeVtd.SCALABLE);
        bed.ok(bed.driver.probe());
        return bed;
    }

    private static int invalidate(DriverTestbed bed, IommuDomain domain, IntCell done, long... words) {
        bed.fake().commands.clear();
        return bed.run(domain.cacheInvalidateUser(
                UserData.ofWords(NestedInvalidate.TYPE, words).array(NestedInvalidate.BYTES), done));
    }

    @Test
    void shouldCarryOutAnArrayUpToTheFirstError() {
        DriverTestbed bed = fake();
        DeviceInfo info = bed.withAts(5);
        DmarNested nested = bed.nested(info, bed.parent(), new VtdS1(0, 0x5000, 48));
        bed.ok(bed.driver.attachDev(info, nested));
        IntCell done = bed.number();
        assertThat(invalidate(bed, nested, done, 0x4000, 4, 1, 0, -1, 0)).isZero();
        assertThat(done.get()).isEqualTo(2);
        assertThat(bed.fake().commands)
                .containsExactly(
                        "pasid-iotlb page did=2 pasid=0 addr=0x4000 am=2 leaf",
                        "device-tlb sid=0x5 addr=0x4000 order=2",
                        "pasid-iotlb all did=2 pasid=0",
                        "device-tlb sid=0x5 all");
        assertThat(invalidate(bed, nested, done, 0x4000, 1, 0, 0x4001, 1, 0)).isEqualTo(Errno.EINVAL);
        assertThat(done.get()).isEqualTo(1);
        assertThat(invalidate(bed, nested, done, 0x4000, -1, 0)).isEqualTo(Errno.EINVAL);
        assertThat(invalidate(bed, nested, done, 0x4000, 1, 2)).isEqualTo(Errno.EOPNOTSUPP);
        assertThat(done.get()).isZero();
        assertThat(bed.run(
                        nested.cacheInvalidateUser(UserData.ofWords(1, 0, 1, 0).array(24), done)))
                .isEqualTo(Errno.EINVAL);
        bed.assertClean();
    }

    @Test
    void shouldWantAVdeviceForWhatWasMadeOnAViommu() {
        DriverTestbed bed = fake();
        IommuMaster master = bed.master(5);
        DriverTestbed.Core core = bed.new Core();
        VirtualIommu viommu = bed.viommu(bed.parent(), core);
        IommuDomain nested = bed.nested(viommu, new VtdS1(0, 0x5000, 48).toUserData());
        assertThat(bed.run(bed.driver.attachDev(master, nested))).isEqualTo(Errno.ENOENT);
        assertThat(bed.run(viommu.vdeviceInit(master, 1 << 16))).isEqualTo(Errno.EINVAL);
        bed.ok(viommu.vdeviceInit(master, 0x300));
        core.devices.put(0x300L, master);
        bed.ok(bed.driver.attachDev(master, nested));
        IntCell done = bed.number();
        bed.fake().commands.clear();
        bed.ok(viommu.cacheInvalidate(UserData.ofWords(0, 0x4000, 1, 1).array(24), done));
        assertThat(done.get()).isEqualTo(1);
        assertThat(bed.fake().commands).containsExactly("pasid-iotlb page did=2 pasid=0 addr=0x4000 am=0 leaf");
        bed.ok(bed.driver.attachDev(master, bed.driver.blockedDomain()));
        bed.ok(bed.driver.domainFree(nested));
        bed.ok(viommu.cacheInvalidate(UserData.ofWords(0, 0x4000, 1, 1).array(24), done));
        RefCell<VirtualIommu> other = bed.result();
        assertThat(bed.run(bed.driver.viommuInit(master, bed.parent(), 1, core, UserData.NONE, other)))
                .isEqualTo(Errno.EOPNOTSUPP);
        assertThat(bed.run(bed.driver.viommuInit(master, bed.paging(0), VtdViommu.TYPE, core, UserData.NONE, other)))
                .isEqualTo(Errno.EINVAL);
        bed.assertClean();
    }

    @Test
    void shouldFindAGuestsEntriesByVirtualIdAndPasid() {
        DriverTestbed bed = DriverTestbed.real("scalable");
        bed.ok(bed.driver.probe());
        IommuMaster master = bed.master(0x18);
        DmarPaging parent = bed.parent();
        long ram = DriverTestbed.DATA;
        bed.ok(parent.mapPages(0, ram, 0x100_0000, BOTH));
        GuestIommu guest = bed.driver.newGuest(bed.new Guest(ram), "vm0");
        assertThat(guest).isNotNull();
        GuestIommu five = guest.withPasid(5);
        assertThat(five).isNotNull();
        assertThat(guest.hwptData(0x300)).isEqualTo(UserData.NONE);
        bed.ok(guest.attach(0x300));
        bed.ok(five.attach(0x300));
        assertThat(bed.run(five.attach(0x300))).isEqualTo(Errno.EBUSY);
        bed.ok(guest.map(0x300, IOVA, 0x20_0000, 0x4000, BOTH));
        bed.ok(five.map(0x300, IOVA, 0x40_0000, 0x4000, BOTH));
        IommuDomain kernel = domain(bed, master, parent, guest.hwptData(0x300));
        IommuDomain process = domain(bed, master, parent, five.hwptData(0x300));
        bed.ok(bed.driver.attachDev(master, kernel));
        bed.ok(bed.driver.setDevPasid(master, process, 5, null));
        assertThat(bed.dma(master, DmaRequest.NO_PASID, IOVA, true).physicalAddress())
                .isEqualTo(ram + 0x20_0000);
        assertThat(bed.dma(master, 5, IOVA, true).physicalAddress()).isEqualTo(ram + 0x40_0000);

        RefCell<UserData> commands = bed.result();
        bed.ok(five.unmap(0x300, IOVA, 0x4000, commands));
        assertThat(bed.dma(master, 5, IOVA, true).outcome()).isEqualTo(DmaOutcome.OK); // nobody was told
        IntCell done = bed.number();
        bed.ok(process.cacheInvalidateUser(commands.require().array(five.invalidationEntryLength()), done));
        assertThat(bed.dma(master, 5, IOVA, true).outcome()).isEqualTo(DmaOutcome.FAULT);
        assertThat(bed.dma(master, DmaRequest.NO_PASID, IOVA, true).outcome()).isEqualTo(DmaOutcome.OK);

        bed.ok(five.detach(0x300, commands));
        assertThat(five.hwptData(0x300)).isEqualTo(UserData.NONE);
        bed.ok(process.cacheInvalidateUser(commands.require().array(24), done));
        bed.ok(five.freeTables(0x300));
        bed.ok(five.attach(0x300));
        bed.assertClean();
    }

    private static IommuDomain domain(DriverTestbed bed, IommuMaster master, DmarPaging parent, UserData data) {
        RefCell<IommuDomain> result = bed.result();
        bed.ok(bed.driver.domainAllocNested(master, parent, 0, data, result));
        return result.require();
    }
}
