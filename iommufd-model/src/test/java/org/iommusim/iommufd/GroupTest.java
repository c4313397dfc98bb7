package org.iommusim.iommufd;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.driver.IommuFault;
import org.iommusim.iommufd.device.IommuGroup;
import org.iommusim.iommufd.eventq.Fault;
import org.iommusim.iommufd.object.GraphAudit;
import org.iommusim.iommufd.object.IommufdCtx;
import org.iommusim.iommufd.pt.HwptPagingAlloc;
import org.iommusim.iommufd.testkit.QueueFile;
import org.iommusim.iommufd.testkit.Rig;
import org.iommusim.iommufd.vfio.Hotplug;
import org.iommusim.iommufd.vfio.PciSlot;
import org.iommusim.iommufd.vfio.Vfio;
import org.iommusim.iommufd.vfio.VfioFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Two devices that the IOMMU cannot tell apart. */
class GroupTest {
    private final Rig rig = new Rig();
    private final IommuGroup group = new IommuGroup(rig.kernel, "pair");
    private final VfioFile first = open("net0", 0x100);
    private final VfioFile second = open("net1", 0x101);

    private VfioFile open(String name, int requesterId) {
        PciSlot slot = rig.host.addSlot(rig.slot(name, requesterId, rig.driver).function(), rig.driver, group);
        rig.run(Hotplug.plug(slot));
        return rig.open(Rig.device(slot));
    }

    private final List<String> expected = new ArrayList<>();

    @AfterEach
    void nothingWasWrong() {
        assertThat(rig.audit()).isEmpty();
        assertThat(rig.violations()).isEqualTo(expected);
        assertThat(rig.footprints.undeclared()).isEmpty();
    }

    @Test
    void shouldBelongToOneContextOnly() {
        rig.bind(first);
        IommufdCtx other = new IommufdCtx(rig.kernel, "other");

        assertThat(rig.run(Vfio.bind(second, other))).isEqualTo(Errno.EPERM);

        assertThat(GraphAudit.of(other, 1)).isEmpty();
        assertThat(other.groups().isEmpty()).isTrue();
        rig.bind(second);
    }

    @Test
    void shouldAttachTogetherAndDetachWithTheLast() {
        int dev = rig.bind(first);
        rig.bind(second);
        int ioas = rig.ioasAlloc();
        int hwpt = rig.hwptAlloc(dev, ioas, false);
        int other = rig.hwptAlloc(dev, ioas, false);
        assertThat(rig.attach(first, hwpt)).isZero();
        assertThat(rig.attach(second, other)).isEqualTo(Errno.EINVAL);
        long attaches = rig.driver.count("attach_dev");
        assertThat(rig.attach(second, hwpt)).isZero();
        assertThat(rig.driver.count("attach_dev")).isEqualTo(attaches);

        // A replace moves both, with their references.
        assertThat(rig.attach(first, other)).isZero();
        assertThat(rig.audit()).isEmpty();
        assertThat(rig.destroy(hwpt)).isZero();

        rig.close(first);
        assertThat(rig.destroy(other)).isEqualTo(Errno.EBUSY);
        rig.close(second);
        assertThat(rig.destroy(other)).isZero();
        assertThat(rig.ctx.groups().isEmpty()).isTrue();
    }

    /**
     * The attachment of a group has one handle, and it names the device that was attached first. That device may be gone
     * while its sibling keeps the attachment: then a fault of the sibling is read with the id of a freed object.
     */
    @Test
    void shouldShowThatAFaultNamesADeviceThatIsGone() {
        int dev = rig.bind(first);
        rig.bind(second);
        Fault fault = rig.faultQueueAlloc();
        QueueFile queue = new QueueFile(rig, fault);
        int hwpt = rig.hwptAlloc(dev, rig.ioasAlloc(), HwptPagingAlloc.FAULT_ID_VALID, fault.id());
        assertThat(rig.attach(first, hwpt)).isZero();
        assertThat(rig.attach(second, hwpt)).isZero();
        IommuFault request = new IommuFault(IommuFault.LAST_PAGE, 0, 1, IommuFault.READ, 0x1000);
        assertThat(rig.run(rig.driver.pageRequest(1, request))).isZero();
        assertThat(queue.read(40)).isEqualTo(40);
        assertThat(queue.words(2)[1]).isEqualTo(dev);

        rig.close(first);
        assertThat(rig.run(rig.driver.pageRequest(1, request))).isZero();
        assertThat(queue.read(40)).isEqualTo(40);
        expected.add("use-after-free: iommufd_compose_fault_message touches vmm.iommufd DEVICE 1 after kfree"
                + " by main in iommufd_object_remove: kfree");
        rig.close(second);
        assertThat(rig.driver.responses()).containsExactly("net1 1 1", "net1 1 1");
    }

    @Test
    void shouldPutBackTheFirstDeviceIfTheSecondCannotBeMoved() {
        int dev = rig.bind(first);
        rig.bind(second);
        int hwpt = rig.hwptAlloc(dev, rig.ioasAlloc(), false);
        int[] moves = {0};
        rig.driver.onOperation(name -> {
            if (name.equals("attach_dev")) {
                rig.driver.fail("attach_dev", ++moves[0] == 2 ? Errno.ENOMEM : 0);
            }
        });

        assertThat(rig.attach(first, hwpt)).isEqualTo(Errno.ENOMEM);

        assertThat(moves[0]).isEqualTo(3);
        assertThat(rig.attach(first, hwpt)).isZero();
    }
}
