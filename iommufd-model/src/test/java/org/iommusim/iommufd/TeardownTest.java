package org.iommusim.iommufd;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntSupplier;
import org.iommusim.hw.driver.Errno;
import org.iommusim.iommufd.eventq.Fault;
import org.iommusim.iommufd.eventq.Veventq;
import org.iommusim.iommufd.ioctl.HwQueueAlloc;
import org.iommusim.iommufd.object.IommufdObject;
import org.iommusim.iommufd.pt.HwptPagingAlloc;
import org.iommusim.iommufd.testkit.FakeDriver;
import org.iommusim.iommufd.testkit.QueueFile;
import org.iommusim.iommufd.testkit.Rig;
import org.iommusim.iommufd.vfio.Vfio;
import org.iommusim.iommufd.vfio.VfioFile;
import org.iommusim.sim.random.RandomStream;
import org.iommusim.sim.random.RandomStreams;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One of every object, taken apart in any order: EBUSY as long as somebody holds it, and nothing is left in the end. */
class TeardownTest {
    private static final long IOVA = 0x10_0000;
    private static final long PAGE = 4096;

    private final Rig rig = new Rig();
    private final VfioFile device = rig.open(rig.plug("net0", 0x100));
    private final Map<String, IntSupplier> actions = new LinkedHashMap<>();

    private void build() {
        int dev = rig.bind(device);
        int ioas = destroyable("ioas", rig.ioasAlloc());
        int parent = destroyable("parent", rig.hwptAlloc(dev, ioas, true));
        int viommu = destroyable("viommu", rig.viommuAlloc(dev, parent));
        destroyable("vdevice", rig.vdeviceAlloc(viommu, dev, 8));
        int nested = destroyable("nested", rig.nestedAlloc(dev, viommu));
        Fault fault = rig.faultQueueAlloc();
        QueueFile faults = new QueueFile(rig, fault);
        destroyable("fault", fault.id());
        destroyable("faulting", rig.hwptAlloc(dev, ioas, HwptPagingAlloc.FAULT_ID_VALID, fault.id()));
        List<Veventq> made = new ArrayList<>();
        assertThat(rig.veventqAlloc(viommu, 3, 4, made::add)).isZero();
        QueueFile events = new QueueFile(rig, made.get(0));
        destroyable("veventq", made.get(0).id());
        long va = rig.process.mmap(PAGE, false);
        assertThat(rig.map(ioas, va, PAGE, IOVA)).isZero();
        for (int index = 0; index < 2; index++) {
            var queue = HwQueueAlloc.call(rig.ctx, viommu, FakeDriver.HW_QUEUE_TYPE, index, IOVA, PAGE);
            assertThat(rig.run(rig.ioctl(queue))).isZero();
            destroyable("hw queue " + index, queue.frame().outHwQueueId());
        }
        assertThat(rig.attach(device, nested)).isZero();
        actions.put("detach", () -> rig.run(Vfio.detach(device)));
        actions.put("close faults", () -> closed(faults));
        actions.put("close events", () -> closed(events));
    }

    private int destroyable(String name, int id) {
        assertThat(id).as(name).isPositive();
        actions.put(name, () -> destroy(name, id));
        return id;
    }

    private static int closed(QueueFile file) {
        file.close();
        return 0;
    }

    private int destroy(String name, int id) {
        IommufdObject object = rig.ctx.objects().load(id);
        assertThat(object).as(name).isNotNull();
        boolean held = object.users() > 1;
        int errno = rig.destroy(id);
        assertThat(errno).as(name).isEqualTo(held ? Errno.EBUSY : 0);
        assertThat(object.freed()).as(name).isEqualTo(!held);
        return errno;
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
    void shouldComeApartInAnyOrder(long seed) {
        build();
        RandomStream random = new RandomStreams(seed).split("order");
        int refused = 0;
        while (!actions.isEmpty()) {
            List<String> left = List.copyOf(actions.keySet());
            String name = left.get((int) random.nextLong(left.size()));
            int errno = actions.get(name).getAsInt();
            if (errno == 0) {
                actions.remove(name);
            } else {
                refused++;
                assertThat(errno).as(name).isEqualTo(Errno.EBUSY);
            }
            assertThat(rig.audit()).as(name).isEmpty();
        }
        assertThat(refused).isPositive();
        assertThat(rig.ctx.objects().live()).hasSize(1);
        rig.close(device);
        rig.closeContext();
        assertThat(rig.ctx.released()).isTrue();
        assertThat(rig.violations()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldBeReleasedAllAtOnceWhoeverIsLast(boolean contextFirst) {
        build();
        if (contextFirst) {
            rig.closeContext();
            rig.close(device);
        } else {
            rig.close(device);
            rig.closeContext();
        }
        assertThat(rig.ctx.released()).isFalse();
        assertThat(actions.get("close faults").getAsInt()).isZero();
        assertThat(rig.ctx.released()).isFalse();
        assertThat(actions.get("close events").getAsInt()).isZero();
        assertThat(rig.ctx.released()).isTrue();
        assertThat(rig.violations()).isEmpty();
    }
}
