package org.iommusim.iommufd.selftest;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.driver.HwQueue;
import org.iommusim.hw.driver.HwQueueCore;
import org.iommusim.hw.driver.IommuDomain;
import org.iommusim.hw.driver.IommuDriver;
import org.iommusim.hw.driver.IommuMaster;
import org.iommusim.hw.driver.PagingDomain;
import org.iommusim.hw.driver.Unsupported;
import org.iommusim.hw.driver.UserData;
import org.iommusim.hw.driver.UserDataArray;
import org.iommusim.hw.driver.UserMemory;
import org.iommusim.hw.driver.ViommuCore;
import org.iommusim.hw.driver.VirtualIommu;
import org.iommusim.iommufd.testkit.Rig;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.Lock;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.LongCell;
import org.iommusim.sim.world.RefCell;
import org.iommusim.sim.world.Variable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The mock's vIOMMU: its pages, invalidations of device caches, remembered virtual ids, hardware queues. */
class MockViommuTest {
    private static final Variable LOCAL = Frame.FRAME;

    private final Rig rig = new Rig();
    private final MockDriver driver = new MockDriver(rig.kernel, "mock");
    private final Core core = new Core();
    private final MockMaster master = device();
    private final MockPagingDomain parent = parent();
    private final IntCell done =
            new IntCell(driver.world(), LOCAL, driver.world().nextInstance(), 0);

    @AfterEach
    void stepsTouchWhatTheyDeclare() {
        assertThat(rig.footprints.undeclared()).isEmpty();
        assertThat(rig.violations()).isEmpty();
    }

    private <T> RefCell<T> ref() {
        return new RefCell<>(driver.world(), LOCAL, driver.world().nextInstance());
    }

    private MockMaster device() {
        RefCell<IommuMaster> made = ref();
        assertThat(rig.run(driver.createDevice(0, made))).isZero();
        return (MockMaster) made.require();
    }

    private MockPagingDomain parent() {
        RefCell<IommuDomain> made = ref();
        assertThat(rig.run(driver.domainAllocPagingFlags(master, IommuDriver.ALLOC_NEST_PARENT, UserData.NONE, made)))
                .isZero();
        return (MockPagingDomain) made.require();
    }

    private int init(UserData data, RefCell<VirtualIommu> made) {
        return rig.run(driver.viommuInit(master, parent, MockData.VIOMMU, core, data, made));
    }

    private VirtualIommu viommu() {
        RefCell<VirtualIommu> made = ref();
        assertThat(init(UserData.NONE, made)).isZero();
        return made.require();
    }

    private IommuDomain nested(VirtualIommu on) {
        RefCell<IommuDomain> made = ref();
        assertThat(rig.run(on.allocDomainNested(0, words(MockData.HWPT, 1), made)))
                .isZero();
        return made.require();
    }

    private static UserData words(int type, int... words) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * words.length).order(ByteOrder.LITTLE_ENDIAN);
        for (int word : words) {
            bytes.putInt(word);
        }
        return UserData.ofBytes(type, bytes.array());
    }

    @Test
    void withDataItOffersTwoPages() {
        Memory memory = new Memory(24);
        MockData.u32(memory.bytes, 0, 0xcafe);
        RefCell<VirtualIommu> made = ref();
        long free = rig.pages.usedPages();
        assertThat(init(new UserData(MockData.VIOMMU, memory, 0, 24), made)).isZero();
        assertThat(MockData.u32(memory.bytes, 4)).isEqualTo(0xcafe);
        assertThat(MockData.u32(memory.bytes, 8)).isEqualTo(0x5000);
        assertThat(MockData.u32(memory.bytes, 16)).isEqualTo(8192);
        assertThat(rig.memory.read(core.window.require(), 4)).isEqualTo(0xcafe);
        assertThat(rig.pages.usedPages()).isEqualTo(free + 2);
        assertThat(rig.run(made.require().destroy())).isZero();
        assertThat(rig.pages.usedPages()).isEqualTo(free);
        assertThat(core.window.get()).isNull();
    }

    @Test
    void whatFailsIsTakenBack() {
        RefCell<VirtualIommu> made = ref();
        long free = rig.pages.usedPages();
        assertThat(init(UserData.ofBytes(MockData.VIOMMU, new byte[4]), made)).isEqualTo(Errno.EINVAL);
        assertThat(init(UserData.ofBytes(MockData.VIOMMU, new byte[25]), made)).isEqualTo(Errno.EINVAL);
        // Nobody's memory can be read, and not written.
        assertThat(init(UserData.ofBytes(MockData.VIOMMU, new byte[24]), made)).isEqualTo(Errno.EFAULT);
        assertThat(core.window.get()).isNull();
        assertThat(rig.pages.usedPages()).isEqualTo(free);
        assertThat(made.get()).isNull();
    }

    private int invalidate(VirtualIommu viommu, UserDataArray array) {
        return rig.run(viommu.cacheInvalidate(array, done));
    }

    @Test
    void invalidationsClearDeviceCachesEntryByEntry() {
        VirtualIommu viommu = viommu();
        core.devices.put(0x10L, master);
        int type = MockData.INVALIDATE;
        assertThat(invalidate(
                        viommu, words(type, 0, 0x10, 1, 0, 0x10, 3, 0, 0x11, 0).array(12)))
                .isEqualTo(Errno.EINVAL);
        assertThat(done.get()).isEqualTo(2);
        assertThat(cache()).containsExactly(0xbaddad, 0, 0xbaddad, 0);
        assertThat(invalidate(viommu, words(type, 2, 0x11, 9).array(12))).isEqualTo(Errno.EOPNOTSUPP);
        assertThat(invalidate(viommu, words(type, 1, 0x10, 4).array(12))).isEqualTo(Errno.EINVAL);
        assertThat(invalidate(viommu, words(type, 1, 0x10, 3).array(12))).isZero();
        assertThat(cache()).containsOnly(0);
    }

    @Test
    void theWholeArrayIsCopiedFirst() {
        VirtualIommu viommu = viommu();
        core.devices.put(0x10L, master);
        int type = MockData.INVALIDATE;
        assertThat(invalidate(viommu, words(1, 0, 0x10, 1).array(12))).isEqualTo(Errno.EINVAL);
        assertThat(invalidate(viommu, words(type, 0, 0x10, 1, 0, 0, 0x10, 1, 7).array(16)))
                .isEqualTo(Errno.E2BIG);
        assertThat(done.get()).isZero();
        assertThat(cache()).containsOnly(0xbaddad);
        // Without the last word: cache_id is 0.
        assertThat(invalidate(viommu, words(type, 0, 0x10).array(8))).isZero();
        assertThat(cache()).containsExactly(0, 0xbaddad, 0xbaddad, 0xbaddad);
        assertThat(invalidate(viommu, words(type).array(12))).isZero();
        assertThat(done.get()).isZero();
        assertThat(invalidate(viommu, words(1).array(12))).isEqualTo(Errno.EINVAL);
    }

    private int[] cache() {
        var cache = master.cache();
        return new int[] {cache.get(0), cache.get(1), cache.get(2), cache.get(3)};
    }

    @Test
    void attachingNeedsAVdeviceAtThatMoment() {
        VirtualIommu viommu = viommu();
        IommuDomain nested = nested(viommu);
        assertThat(rig.run(driver.attachDev(master, nested))).isEqualTo(Errno.ENOENT);
        assertThat(master.domain()).isSameAs(driver.blockedDomain());
        core.devices.put(-1L, master);
        assertThat(rig.run(driver.attachDev(master, nested))).isZero();
        assertThat(master.vdevId().get()).isEqualTo(-1L);
    }

    @Test
    void theVirtualIdIsRememberedUntilTheViommuChanges() {
        VirtualIommu viommu = viommu();
        core.devices.put(0x10L, master);
        assertThat(rig.run(driver.attachDev(master, nested(viommu)))).isZero();
        core.devices.clear();
        core.devices.put(0x20L, master);
        assertThat(rig.run(driver.attachDev(master, nested(viommu)))).isZero();
        assertThat(master.vdevId().get()).isEqualTo(0x10);
        assertThat(rig.run(driver.attachDev(master, parent))).isZero();
        assertThat(master.viommu().get()).isNull();
        assertThat(rig.run(driver.attachDev(master, nested(viommu)))).isZero();
        assertThat(master.vdevId().get()).isEqualTo(0x20);
    }

    private int queue(VirtualIommu viommu, int index, long physical, RefCell<HwQueue> made) {
        return rig.run(viommu.hwQueueInitPhys(new Queue(index), index, physical, made));
    }

    @Test
    void hardwareQueuesComeInOrder() {
        VirtualIommu viommu = viommu();
        assertThat(viommu.getHwQueueSize(1)).isZero();
        assertThat(viommu.getHwQueueSize(MockData.HW_QUEUE)).isPositive();
        int rw = PagingDomain.PROT_READ | PagingDomain.PROT_WRITE;
        assertThat(rig.run(parent.mapPages(0x1000000, 0x4000, 4096, rw))).isZero();
        RefCell<HwQueue> zero = ref();
        RefCell<HwQueue> one = ref();
        assertThat(queue(viommu, 2, 0x4000, one)).isEqualTo(Errno.EINVAL);
        assertThat(queue(viommu, 1, 0x4000, one)).isEqualTo(Errno.EIO);
        assertThat(queue(viommu, 0, 0x5000, zero)).isEqualTo(Errno.EFAULT);
        assertThat(queue(viommu, 0, 0x4000, zero)).isZero();
        assertThat(queue(viommu, 0, 0x4000, zero)).isEqualTo(Errno.EEXIST);
        assertThat(queue(viommu, 1, 0x4000, one)).isZero();
        assertThat(core.depend).isEqualTo("1 on 0");
        assertThat(rig.run(one.require().destroy())).isZero();
        assertThat(core.depend).isEmpty();
    }

    /** As in Linux 7.3.4: selftest.c does not store the index of a queue. */
    @Test
    void destroyingQueueOneFreesThePlaceOfQueueZero() {
        VirtualIommu viommu = viommu();
        assertThat(rig.run(parent.mapPages(0x1000000, 0x4000, 4096, PagingDomain.PROT_READ)))
                .isZero();
        RefCell<HwQueue> zero = ref();
        RefCell<HwQueue> one = ref();
        assertThat(queue(viommu, 0, 0x4000, zero)).isZero();
        assertThat(queue(viommu, 1, 0x4000, one)).isZero();
        assertThat(rig.run(one.require().destroy())).isZero();
        assertThat(queue(viommu, 1, 0x4000, one)).isEqualTo(Errno.EEXIST);
        assertThat(queue(viommu, 0, 0x4000, zero)).isZero();
        assertThat(queue(viommu, 0, 0x4000, zero)).isEqualTo(Errno.EEXIST);
    }

    /** A vIOMMU object without an object model. */
    private final class Core implements ViommuCore {
        final Map<Long, IommuMaster> devices = new TreeMap<>();
        final RefCell<Long> window =
                new RefCell<>(driver.world(), ViommuCore.MMAP.variables().get(0), 1);
        String depend = "";
        private final Lock lock = new Lock(rig.kernel.world(), "vdevs", Lock.Kind.SPIN);

        @Override
        public Lock vdevsLock() {
            return lock;
        }

        @Override
        public IommuMaster findDevice(long virtualId) {
            assertThat(lock.held()).isTrue();
            return devices.get(virtualId);
        }

        @Override
        public OptionalLong virtualIdOf(IommuMaster of) {
            assertThat(lock.held()).isTrue();
            return devices.entrySet().stream()
                    .filter(e -> e.getValue() == of)
                    .mapToLong(Map.Entry::getKey)
                    .findFirst();
        }

        @Override
        public Call<?> reportEvent(int type, byte[] payload) {
            return Unsupported.call(driver.world());
        }

        @Override
        public int allocMmap(long physicalAddress, long length, LongCell offset) {
            assertThat(length).isEqualTo(8192);
            window.set(physicalAddress);
            offset.set(0x5000);
            return 0;
        }

        @Override
        public void destroyMmap(long offset) {
            assertThat(offset).isEqualTo(0x5000);
            window.set(null);
        }
    }

    /** A queue object at the start of the parent's map. */
    private final class Queue implements HwQueueCore {
        private final int index;

        Queue(int index) {
            this.index = index;
        }

        @Override
        public ViommuCore viommu() {
            return core;
        }

        @Override
        public int queueType() {
            return MockData.HW_QUEUE;
        }

        @Override
        public long baseAddr() {
            return 0x1000000;
        }

        @Override
        public long length() {
            return 4096;
        }

        @Override
        public int dependOn(HwQueueCore other) {
            core.depend = index + " on " + ((Queue) other).index;
            return 0;
        }

        @Override
        public void undependOn(HwQueueCore other) {
            core.depend = "";
        }
    }

    /** User memory from address 0. */
    private static final class Memory implements UserMemory {
        final byte[] bytes;

        Memory(int length) {
            bytes = new byte[length];
        }

        @Override
        public int copyFromUser(long address, byte[] to, int at, int length) {
            System.arraycopy(bytes, (int) address, to, at, length);
            return 0;
        }

        @Override
        public int copyToUser(long address, byte[] from, int at, int length) {
            System.arraycopy(from, at, bytes, (int) address, length);
            return 0;
        }
    }
}
