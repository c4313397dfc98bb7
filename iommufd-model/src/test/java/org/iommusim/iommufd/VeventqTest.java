package org.iommusim.iommufd;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.iommusim.hw.driver.Errno;
import org.iommusim.iommufd.device.Viommu;
import org.iommusim.iommufd.eventq.Veventq;
import org.iommusim.iommufd.ioctl.VeventqAlloc;
import org.iommusim.iommufd.testkit.QueueFile;
import org.iommusim.iommufd.testkit.Rig;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Events of a vIOMMU: sequence numbers, the marker of lost ones, and what holds a queue. */
class VeventqTest {
    private static final int TYPE = 5;

    private final Rig rig = new Rig();
    private final int dev = rig.bind(rig.open(rig.plug("net0", 0x100)));
    private final int parent = rig.hwptAlloc(dev, rig.ioasAlloc(), true);
    private final int viommu = rig.viommuAlloc(dev, parent);
    private final Veventq veventq = alloc(TYPE, 2);
    private final QueueFile file = new QueueFile(rig, veventq);

    @AfterEach
    void nothingWasWrong() {
        assertThat(rig.audit()).isEmpty();
        assertThat(rig.violations()).isEmpty();
        assertThat(rig.footprints.undeclared()).isEmpty();
    }

    private Veventq alloc(int type, int depth) {
        List<Veventq> made = new ArrayList<>();
        assertThat(rig.veventqAlloc(viommu, type, depth, made::add)).isZero();
        return made.get(0);
    }

    private int errno(int viommuId, int type, int depth) {
        return rig.veventqAlloc(viommuId, type, depth, q -> {});
    }

    private int report(int type, int value) {
        Viommu on = (Viommu) veventq.viommu();
        return rig.run(on.reportEvent(type, new byte[] {(byte) value, 0, 0, 0}));
    }

    @Test
    void shouldCheckArgumentsInOrder() {
        assertThat(errno(99, 0, 0)).isEqualTo(Errno.EOPNOTSUPP);
        assertThat(errno(99, TYPE, 0)).isEqualTo(Errno.EINVAL);
        assertThat(errno(99, TYPE, (1 << 19) + 1)).isEqualTo(Errno.EINVAL);
        assertThat(errno(99, TYPE, 1)).isEqualTo(Errno.ENOENT);
        assertThat(errno(viommu, TYPE, 1)).isEqualTo(Errno.EEXIST);
        new QueueFile(rig, alloc(TYPE + 1, 1 << 19)).close();
    }

    @Test
    void shouldNumberEventsAndMarkLostOnes() {
        assertThat(file.read(64)).isZero();
        for (int event = 0; event < 4; event++) {
            assertThat(report(TYPE, 0x90 + event)).isZero();
        }
        assertThat(file.poll()).isEqualTo("IN");
        assertThat(file.read(64)).isEqualTo(32);
        // Flags, sequence, data; the marker has the number of the last one that was lost, and no data.
        assertThat(file.words(8)).containsExactly(0, 0, 0x90, 0, 1, 0x91, 1, 3);
        assertThat(report(TYPE, 0x94)).isZero();
        assertThat(file.read(64)).isEqualTo(12);
        assertThat(file.words(3)).containsExactly(0, 4, 0x94);
        assertThat(file.poll()).isEmpty();
    }

    @Test
    void shouldReplaceTheMarkerByTheNextEvent() {
        for (int event = 0; event < 3; event++) {
            assertThat(report(TYPE, event)).isZero();
        }
        assertThat(file.read(12)).isEqualTo(12);
        assertThat(report(TYPE, 3)).isZero();
        assertThat(file.read(64)).isEqualTo(24);
        assertThat(file.words(6)).containsExactly(0, 1, 1, 0, 3, 3);
    }

    @Test
    void shouldMarkAnEventForWhichThereIsNoMemory() {
        rig.inject("iommufd_viommu_report_event", "iommufd_vevent_handler", Errno.ENOMEM);
        assertThat(report(TYPE, 1)).isEqualTo(Errno.ENOMEM);
        assertThat(file.read(8)).isEqualTo(8);
        assertThat(file.words(2)).containsExactly(1, 0);
    }

    @Test
    void shouldReadWholeEventsOnly() {
        assertThat(file.read(7)).isEqualTo(Errno.EINVAL);
        assertThat(report(TYPE, 1)).isZero();
        assertThat(report(TYPE, 2)).isZero();
        assertThat(file.read(11)).isEqualTo(Errno.EINVAL);
        assertThat(file.readAt(0x10, 64)).isEqualTo(Errno.EFAULT);
        assertThat(file.read(23)).isEqualTo(12);
        assertThat(file.read(23)).isEqualTo(12);
        assertThat(file.words(3)).containsExactly(0, 1, 2);
        assertThat(file.write(0)).isEqualTo(Errno.EINVAL);
    }

    @Test
    void shouldDropEventsThatNobodyWants() {
        assertThat(report(TYPE + 1, 1)).isEqualTo(Errno.EOPNOTSUPP);
        assertThat(file.read(64)).isZero();
    }

    @Test
    void shouldHoldTheViommuByItsQueues() {
        assertThat(rig.destroy(viommu)).isEqualTo(Errno.EBUSY);
        assertThat(rig.destroy(veventq.id())).isEqualTo(Errno.EBUSY);
        file.close();
        assertThat(report(TYPE, 1)).isZero();
        assertThat(rig.destroy(veventq.id())).isZero();
        assertThat(report(TYPE, 1)).isEqualTo(Errno.EOPNOTSUPP);
        assertThat(rig.destroy(viommu)).isZero();
    }

    @Test
    void shouldUndoAQueueThatCannotBeMade() {
        for (String step : List.of(
                "IOMMU_VEVENTQ_ALLOC: iommufd_object_alloc",
                "iommufd_eventq_init: anon_inode_getfile",
                "IOMMU_VEVENTQ_ALLOC: iommufd_ucmd_respond")) {
            String[] where = step.split(": ");
            rig.inject(where[0], where[1], Errno.ENOMEM);
            assertThat(rig.run(rig.ioctl(VeventqAlloc.call(rig.ctx, viommu, TYPE + 1, 1))))
                    .as(step)
                    .isEqualTo(Errno.ENOMEM);
            rig.inject(where[0], where[1], 0);
            assertThat(rig.audit()).as(step).isEmpty();
        }
        new QueueFile(rig, alloc(TYPE + 1, 1)).close();
    }
}
