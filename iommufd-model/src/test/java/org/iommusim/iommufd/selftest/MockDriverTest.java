package org.iommusim.iommufd.selftest;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.iommusim.hw.driver.Capability;
import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.driver.HwInfo;
import org.iommusim.hw.driver.IommuDomain;
import org.iommusim.hw.driver.IommuDriver;
import org.iommusim.hw.driver.IommuMaster;
import org.iommusim.hw.driver.PagingDomain;
import org.iommusim.hw.driver.UserData;
import org.iommusim.iommufd.testkit.Rig;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.RefCell;
import org.iommusim.sim.world.Variable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The mock's operations on devices and domains: capabilities, checks of data, and what attaching remembers. */
class MockDriverTest {
    private static final Variable LOCAL = Frame.FRAME;

    private final Rig rig = new Rig();
    private final MockDriver driver = new MockDriver(rig.kernel, "mock");

    @AfterEach
    void stepsTouchWhatTheyDeclare() {
        assertThat(rig.footprints.undeclared()).isEmpty();
        assertThat(rig.violations()).isEmpty();
    }

    private <T> RefCell<T> ref() {
        return new RefCell<>(driver.world(), LOCAL, driver.world().nextInstance());
    }

    private IommuMaster device(int flags) {
        RefCell<IommuMaster> made = ref();
        assertThat(rig.run(driver.createDevice(flags, made))).isZero();
        return made.require();
    }

    private static UserData words(int type, int... words) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * words.length).order(ByteOrder.LITTLE_ENDIAN);
        for (int word : words) {
            bytes.putInt(word);
        }
        return UserData.ofBytes(type, bytes.array());
    }

    private int alloc(IommuMaster master, int flags, UserData data, RefCell<IommuDomain> made) {
        return rig.run(driver.domainAllocPagingFlags(master, flags, data, made));
    }

    private PagingDomain paging(IommuMaster master, int flags) {
        RefCell<IommuDomain> made = ref();
        assertThat(alloc(master, flags, UserData.NONE, made)).isZero();
        return (PagingDomain) made.require();
    }

    @Test
    void devicesTakeTheLowestFreeNumber() {
        IommuMaster first = device(0);
        assertThat(first.name()).isEqualTo("iommufd_mock0");
        assertThat(device(0).name()).isEqualTo("iommufd_mock1");
        assertThat(rig.run(driver.releaseDevice(first))).isZero();
        assertThat(first.released()).isTrue();
        assertThat(device(0).name()).isEqualTo("iommufd_mock0");
    }

    @Test
    void flagsDecideWhatADeviceCanDo() {
        IommuMaster plain = device(0);
        IommuMaster other = device(MockMaster.NO_DIRTY | MockMaster.PASID);
        assertThat(driver.hwInfo(plain).capabilities())
                .isEqualTo(HwInfo.CAP_DIRTY_TRACKING | HwInfo.CAP_PCI_ATS_NOT_SUPPORTED);
        assertThat(driver.hwInfo(plain).maxPasidLog2()).isZero();
        assertThat(driver.hwInfo(other).capabilities()).isEqualTo(HwInfo.CAP_PCI_ATS_NOT_SUPPORTED);
        assertThat(driver.hwInfo(other).maxPasidLog2()).isEqualTo(20);
        assertThat(other.maxPasids()).isEqualTo(1 << 20);
        assertThat(driver.capable(plain, Capability.CACHE_COHERENCY)).isTrue();
        assertThat(driver.capable(plain, Capability.ENFORCE_CACHE_COHERENCY)).isFalse();
        assertThat(driver.hwInfo(plain, 1)).isNull();
        HwInfo info = driver.hwInfo(plain);
        assertThat(info.type()).isEqualTo(0xfeedbeef);
        assertThat(MockData.u32(info.data(), 0)).isZero();
        assertThat(MockData.u32(info.data(), 4)).isEqualTo(0xdeadbeef);
    }

    @Test
    void pagingDomainsComeInTwoKinds() {
        IommuMaster master = device(0);
        PagingDomain usual = paging(master, IommuDriver.ALLOC_NEST_PARENT);
        assertThat(Long.lowestOneBit(usual.pageSizes())).isEqualTo(2048);
        assertThat(usual.apertureStart()).isEqualTo(0x1000000);
        assertThat(usual.apertureEnd()).isEqualTo(0x7fffffff);
        assertThat(usual.nestParent()).isTrue();
        assertThat(usual.dirtyOps()).isNull();
        RefCell<IommuDomain> made = ref();
        assertThat(alloc(master, 0, words(MockData.HWPT, 0, 1), made)).isZero();
        PagingDomain huge = (PagingDomain) made.require();
        assertThat(Long.lowestOneBit(huge.pageSizes())).isEqualTo(4096);
        assertThat(huge.apertureStart()).isZero();
        assertThat(huge.apertureEnd()).isEqualTo(0x3fffffffffL);
        assertThat(huge.nestParent()).isFalse();
    }

    @Test
    void dataOfAPagingDomainIsCheckedInOrder() {
        IommuMaster master = device(MockMaster.NO_DIRTY);
        RefCell<IommuDomain> made = ref();
        assertThat(alloc(master, 0x10, words(1, 0), made)).isEqualTo(Errno.EOPNOTSUPP);
        assertThat(alloc(master, IommuDriver.ALLOC_DIRTY_TRACKING, UserData.NONE, made))
                .isEqualTo(Errno.EOPNOTSUPP);
        assertThat(alloc(master, 0, words(1, 0), made)).isEqualTo(Errno.EOPNOTSUPP);
        assertThat(alloc(master, 0, UserData.ofBytes(MockData.HWPT, new byte[3]), made))
                .isEqualTo(Errno.EINVAL);
        assertThat(alloc(master, 0, UserData.ofBytes(MockData.HWPT, new byte[9]), made))
                .isEqualTo(Errno.EINVAL);
        assertThat(alloc(master, 0, words(MockData.HWPT, 0, 2), made)).isEqualTo(Errno.EOPNOTSUPP);
        assertThat(made.get()).isNull();
        assertThat(alloc(master, 0, words(MockData.HWPT, 7), made)).isZero();
    }

    @Test
    void aNestedDomainIsFourEntriesThatInvalidationsClear() {
        IommuMaster master = device(0);
        RefCell<IommuDomain> made = ref();
        PagingDomain parent = paging(master, IommuDriver.ALLOC_NEST_PARENT);
        assertThat(rig.run(driver.domainAllocNested(master, parent, 0, words(2, 5), made)))
                .isEqualTo(Errno.EOPNOTSUPP);
        assertThat(rig.run(driver.domainAllocNested(master, parent, 1, words(MockData.HWPT, 5), made)))
                .isEqualTo(Errno.EOPNOTSUPP);
        assertThat(rig.run(driver.domainAllocNested(master, parent, 0, words(MockData.HWPT, 5), made)))
                .isZero();
        MockNestedDomain nested = (MockNestedDomain) made.require();
        IntCell done = new IntCell(driver.world(), LOCAL, driver.world().nextInstance(), 9);

        assertThat(rig.run(nested.cacheInvalidateUser(words(1, 0, 0).array(8), done)))
                .isEqualTo(Errno.EINVAL);
        assertThat(done.get()).isZero();
        assertThat(rig.run(nested.cacheInvalidateUser(
                        words(MockData.INVALIDATE, 0, 1, 0, 3, 2, 0).array(8), done)))
                .isEqualTo(Errno.EOPNOTSUPP);
        assertThat(done.get()).isEqualTo(2);
        assertThat(iotlb(nested)).containsExactly(5, 0, 5, 0);
        assertThat(rig.run(nested.cacheInvalidateUser(
                        words(MockData.INVALIDATE, 1, 4).array(8), done)))
                .isEqualTo(Errno.EINVAL);
        assertThat(iotlb(nested)).containsExactly(5, 0, 5, 0);
        assertThat(rig.run(nested.cacheInvalidateUser(
                        words(MockData.INVALIDATE, 0, 0, 0).array(12), done)))
                .isEqualTo(Errno.EINVAL);
        assertThat(rig.run(nested.cacheInvalidateUser(
                        words(MockData.INVALIDATE, 1, 2).array(8), done)))
                .isZero();
        assertThat(done.get()).isEqualTo(1);
        assertThat(iotlb(nested)).containsOnly(0);
    }

    private static int[] iotlb(MockNestedDomain nested) {
        return new int[] {nested.iotlb(0), nested.iotlb(1), nested.iotlb(2), nested.iotlb(3)};
    }

    @Test
    void aDeviceWithoutDirtyTrackingRefusesADomainWithIt() {
        PagingDomain tracking = paging(device(0), IommuDriver.ALLOC_DIRTY_TRACKING);
        IommuMaster without = device(MockMaster.NO_DIRTY);
        assertThat(rig.run(driver.attachDev(without, tracking))).isEqualTo(Errno.EINVAL);
        assertThat(without.domain().type()).isEqualTo(IommuDomain.Type.BLOCKED);
        PagingDomain plain = paging(without, 0);
        assertThat(rig.run(driver.attachDev(without, plain))).isZero();
        assertThat(without.domain()).isSameAs(plain);
    }

    @Test
    void trackingDecidesWhetherWritesAreNoted() {
        MockPagingDomain domain = (MockPagingDomain) paging(device(0), IommuDriver.ALLOC_DIRTY_TRACKING);
        assertThat(rig.run(domain.mapPages(0x1000000, 0x3000, 4096, 3))).isZero();
        boolean[] told = new boolean[1];
        domain.written(0x1000000);
        assertThat(rig.run(domain.readAndClearDirty(0x1000000, 4096, true, (at, n) -> told[0] = true)))
                .isZero();
        assertThat(told[0]).isFalse();
        assertThat(rig.run(domain.setDirtyTracking(true))).isZero();
        domain.written(0x1000000);
        assertThat(rig.run(domain.readAndClearDirty(0x1000000, 4096, true, (at, n) -> told[0] = true)))
                .isZero();
        assertThat(told[0]).isTrue();
    }

    @Test
    void everySecondAttachmentOfPasid1024Fails() {
        IommuMaster master = device(MockMaster.PASID);
        PagingDomain domain = paging(master, IommuDriver.ALLOC_PASID);
        IommuDomain blocked = driver.blockedDomain();
        assertThat(rig.run(driver.setDevPasid(master, domain, 1024, null))).isZero();
        assertThat(rig.run(driver.setDevPasid(master, domain, 1024, domain))).isEqualTo(Errno.ENOMEM);
        assertThat(rig.run(driver.setDevPasid(master, domain, 1024, domain))).isZero();
        assertThat(rig.run(driver.setDevPasid(master, blocked, 1024, domain))).isZero();
        assertThat(rig.run(driver.setDevPasid(master, domain, 1024, null))).isZero();
        assertThat(rig.run(driver.setDevPasid(master, domain, 7, null))).isZero();
        assertThat(rig.run(driver.setDevPasid(master, domain, 7, domain))).isZero();
    }
}
