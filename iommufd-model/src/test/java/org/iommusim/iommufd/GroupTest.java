package org.iommusim.iommufd;

import static org.assertj.core.api.Assertions.assertThat;

import org.iommusim.hw.driver.Errno;
import org.iommusim.iommufd.device.IommuGroup;
import org.iommusim.iommufd.object.GraphAudit;
import org.iommusim.iommufd.object.IommufdCtx;
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

    @AfterEach
    void nothingWasWrong() {
        assertThat(rig.audit()).isEmpty();
        assertThat(rig.violations()).isEmpty();
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
