package org.iommusim.amdvi.driver;

import static org.assertj.core.api.Assertions.assertThat;

import org.iommusim.amdvi.spec.Cmd;
import org.iommusim.amdvi.spec.Dte;
import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.driver.IommuDomain;
import org.iommusim.hw.driver.IommuMaster;
import org.iommusim.hw.driver.UserData;
import org.iommusim.hw.driver.VirtualIommu;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.RefCell;
import org.junit.jupiter.api.Test;

/** Nested domains: what a guest may say, its domain ids, and invalidations by user space. */
class NestingTest {
    private final DriverTestbed bed = DriverTestbed.fake(FakeAmdVi.ALL);
    private final AmdPaging parent = bed.parent();
    private final DriverTestbed.Core core = bed.new Core();
    private final VirtualIommu viommu = bed.viommu(parent, core);

    /** A guest's entry with a GCR3 table of one level. */
    static GuestDte guest(long gcr3, int domainId) {
        long[] words = Dte.passThrough(domainId);
        Dte.putGuest(words, gcr3, 1, 4);
        Dte.GIOV.put(words, 1);
        return of(words);
    }

    private static GuestDte of(long[] words) {
        return new GuestDte(words[0], words[1], words[2], words[3]);
    }

    private AmdNested nested(VirtualIommu on, long gcr3, int domainId) {
        return (AmdNested) bed.nested(on, guest(gcr3, domainId).toUserData());
    }

    private int alloc(UserData data) {
        RefCell<IommuDomain> result = bed.result();
        return bed.run(viommu.allocDomainNested(0, data, result));
    }

    private int allocWith(org.iommusim.hw.spec.BitField field, long value) {
        GuestDte good = guest(0x5000, 7);
        long[] words = {good.word0(), good.word1(), good.word2(), good.word3()};
        field.put(words, value);
        return alloc(of(words).toUserData());
    }

    @Test
    void shouldRefuseWhatAGuestMayNotSay() {
        assertThat(allocWith(Dte.MODE, 4)).isEqualTo(Errno.EINVAL);
        assertThat(allocWith(Dte.HOST_PT_ROOT, 1)).isEqualTo(Errno.EINVAL);
        assertThat(allocWith(Dte.GLX, Dte.GLX_RESERVED)).isEqualTo(Errno.EINVAL);
        assertThat(allocWith(Dte.GUEST_PAGING_MODE, 2)).isEqualTo(Errno.EINVAL);
        assertThat(allocWith(Dte.GUEST_PAGING_MODE, Dte.GUEST_5_LEVEL)).isZero();
        assertThat(alloc(guest(0, 7).toUserData())).isEqualTo(Errno.EINVAL);
        assertThat(alloc(UserData.ofWords(1, 0, 0, 0, 0))).isEqualTo(Errno.EOPNOTSUPP);
        assertThat(alloc(UserData.ofWords(GuestDte.TYPE, 0, 0))).isEqualTo(Errno.EINVAL);
        assertThat(guest(0x5000, 7).validate(4)).isZero();
        long fiveLevels = Dte.GUEST_PAGING_MODE.with(0, Dte.GUEST_5_LEVEL);
        assertThat(new GuestDte(0, 0, fiveLevels, 0).validate(4)).isEqualTo(Errno.EOPNOTSUPP);
        bed.assertClean();
    }

    @Test
    void shouldGiveTheSameDomainIdOfAGuestTheSameOfTheHost() {
        AmdNested first = nested(viommu, 0x5000, 7);
        AmdNested same = nested(viommu, 0x6000, 7);
        AmdNested other = nested(viommu, 0x5000, 8);
        AmdNested ofAnotherGuest = nested(bed.viommu(parent, bed.new Core()), 0x5000, 7);
        assertThat(same.hostDomainId()).isEqualTo(first.hostDomainId());
        assertThat(other.hostDomainId()).isNotEqualTo(first.hostDomainId());
        assertThat(ofAnotherGuest.hostDomainId()).isNotIn(first.hostDomainId(), other.hostDomainId());
        bed.ok(bed.driver.domainFree(first));
        assertThat(bed.iommu().domainIds.inUse(first.hostDomainId())).isTrue();
        bed.ok(bed.driver.domainFree(same));
        assertThat(bed.iommu().domainIds.inUse(first.hostDomainId())).isFalse();
        assertThat(bed.iommu().domainIds.inUse(other.hostDomainId())).isTrue();
        bed.assertClean();
    }

    @Test
    void shouldPutTheGuestsTablesOverTheParents() {
        IommuMaster master = bed.master(5);
        AmdNested nested = nested(viommu, 0x12_3456_7000L, 7);
        assertThat(bed.run(bed.driver.attachDev(master, nested))).isEqualTo(Errno.ENOENT);
        bed.ok(viommu.vdeviceInit(master, 0x300));
        assertThat(bed.run(viommu.vdeviceInit(master, 1 << 16))).isEqualTo(Errno.EINVAL);
        core.devices.put(0x300L, master);
        bed.ok(bed.driver.attachDev(master, nested));
        long[] dte = bed.dte(5);
        assertThat(Dte.HOST_PT_ROOT.inPlace(dte[0])).isEqualTo(parent.table().root());
        assertThat(Dte.MODE.intIn(dte)).isEqualTo(4);
        assertThat(Dte.gcr3(dte[0], dte[1])).isEqualTo(0x12_3456_7000L);
        assertThat(Dte.DOMAIN_ID.intIn(dte)).isEqualTo(nested.hostDomainId());
        assertThat(Dte.GV.isSet(dte[0])).isTrue();
        assertThat(master.domain()).isSameAs(nested);
        bed.assertClean();
    }

    @Test
    void shouldLeaveANestedDomainForItsParent() {
        DevData dev = bed.withAts(5);
        core.devices.put(0x300L, dev);
        bed.ok(bed.driver.attachDev(dev, parent));
        bed.ok(bed.driver.attachDev(dev, nested(viommu, 0x5000, 7)));
        assertThat(Dte.GV.isSet(bed.dte(5)[0])).isTrue();
        bed.ok(bed.driver.attachDev(dev, parent));
        assertThat(Dte.GV.isSet(bed.dte(5)[0])).isFalse();
        assertThat(dev.domain()).isSameAs(parent);
        bed.assertClean();
    }

    @Test
    void shouldInvalidateEveryHostDomainIdWhenTheParentChanges() {
        DevData dev = bed.withAts(5);
        core.devices.put(0x300L, dev);
        bed.ok(bed.driver.attachDev(dev, parent));
        AmdNested nested = nested(viommu, 0x5000, 7);
        nested(viommu, 0x6000, 9);
        bed.ok(bed.driver.attachDev(dev, nested));
        bed.ok(parent.mapPages(0x10000, 0, 0x1000, 3));
        bed.fake().commands.clear();
        bed.ok(parent.unmapPages(0x10000, 0x1000));
        bed.ok(parent.iotlbSync());
        assertThat(bed.fake().commands)
                .containsExactly(
                        "INVALIDATE_IOMMU_PAGES domain=2 addr=0x10000 size=2^12 PDE",
                        "INVALIDATE_IOMMU_PAGES domain=4 addr=0x10000 size=2^12 PDE",
                        "INVALIDATE_IOMMU_PAGES domain=3 addr=0x10000 size=2^12 PDE",
                        "INVALIDATE_IOTLB_PAGES device=0x5 all");
        bed.ok(viommu.destroy());
        assertThat(parent.viommus().get()).isNull();
        bed.assertClean();
    }

    private int invalidate(IntCell done, long... words) {
        bed.fake().commands.clear();
        UserData data = UserData.ofWords(NestedInvalidate.DATA_TYPE, words);
        return bed.run(viommu.cacheInvalidate(data.array(Cmd.BYTES), done));
    }

    @Test
    void shouldConvertAGuestsCommandsUpToTheFirstError() {
        DevData dev = bed.withAts(5);
        core.devices.put(0x300L, dev);
        bed.ok(bed.driver.attachDev(dev, parent));
        AmdNested nested = nested(viommu, 0x5000, 7);
        bed.ok(bed.driver.attachDev(dev, nested));
        IntCell done = bed.number();
        long pages = Cmd.invalidateIommuPages0(7, 5);
        long unknown = Cmd.invalidateIommuPages0(8, 5);
        long range = Cmd.pages1(0x4000, 14) | Cmd.GN.mask();
        long iotlb = Cmd.invalidateIotlbPages0(0x300, 0x300, 0, 5);
        assertThat(invalidate(done, pages, range, unknown, range, iotlb, range)).isZero();
        assertThat(done.get()).isEqualTo(3);
        assertThat(bed.fake().commands)
                .containsExactly(
                        "INVALIDATE_IOMMU_PAGES domain=" + nested.hostDomainId() + " pasid=5 addr=0x4000 size=2^14",
                        "INVALIDATE_IOTLB_PAGES device=0x5 pasid=5 addr=0x4000 size=2^14");
        assertThat(invalidate(done, pages, range, Cmd.invalidateIommuAll0(), 0, pages, range))
                .isEqualTo(Errno.EIO);
        assertThat(done.get()).isEqualTo(1);
        assertThat(bed.fake().commands).hasSize(1);
        assertThat(invalidate(done, pages, Cmd.allPages1())).isEqualTo(Errno.EIO);
        assertThat(invalidate(done, Cmd.invalidateIotlbPages0(0x301, 0, 0, 0), 0))
                .isEqualTo(Errno.EIO);
        assertThat(done.get()).isZero();
        bed.assertClean();
    }

    @Test
    void shouldNotAskADeviceWhoseTlbIsOff() {
        core.devices.put(0x300L, bed.master(5));
        IntCell done = bed.number();
        assertThat(invalidate(done, Cmd.invalidateIotlbPages0(0x300, 0x300, 0, 0), 0))
                .isZero();
        assertThat(done.get()).isEqualTo(1);
        assertThat(bed.fake().commands).isEmpty();
        bed.assertClean();
    }

    @Test
    void shouldWantNestingAndAParentOfItsOwn() {
        RefCell<VirtualIommu> result = bed.result();
        assertThat(bed.run(bed.driver.viommuInit(null, parent, 1, core, UserData.NONE, result)))
                .isEqualTo(Errno.EOPNOTSUPP);
        assertThat(bed.run(bed.driver.viommuInit(null, bed.paging(0), AmdViommu.TYPE, core, UserData.NONE, result)))
                .isEqualTo(Errno.EINVAL);
        DriverTestbed host = DriverTestbed.fake(FakeAmdVi.HOST_ONLY);
        assertThat(host.driver.newGuest(host.new Guest(DriverTestbed.DATA), "vm0"))
                .isNull();
    }
}
