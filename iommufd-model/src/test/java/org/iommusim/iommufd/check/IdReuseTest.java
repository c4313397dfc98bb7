package org.iommusim.iommufd.check;

import static org.assertj.core.api.Assertions.assertThat;

import org.iommusim.iommufd.ioctl.IoasAlloc;
import org.iommusim.sim.program.Task;
import org.junit.jupiter.api.Test;

class IdReuseTest {
    /** Unbind destroys the vDEVICE, somebody else gets its id, and the user destroys what he takes for his vDEVICE. */
    @Test
    void shouldReportAnIdThatIsGivenOutAgainBeforeItsUserHasDestroyedIt() {
        CheckedMachine m = new CheckedMachine("v5-posted", IdReuse::new);
        int vdev = m.vdevice();
        m.finish(m.unbind());
        assertThat(m.found()).isEmpty();

        // The device's id is free, too, and the lowest.
        assertThat(m.rig.ioasAlloc()).isEqualTo(m.dev);
        assertThat(m.rig.ioasAlloc()).isEqualTo(vdev);

        assertThat(m.finding())
                .isEqualTo("vmm.iommufd IOAS 5 gets the id for which user space got vmm.iommufd VDEVICE 5"
                        + " (viommu 4, device 1, virt_id 0x8) and which it has not destroyed:"
                        + " its IOMMU_DESTROY will hit the wrong object");
    }

    /** Unbind has noted the id; the user destroys the vDEVICE, and another thread's new IOAS gets the id. */
    @Test
    void shouldReportAnUnbindThatGoesByIdAndHitsAStranger() {
        CheckedMachine m = new CheckedMachine("v5-posted", IdReuse::new);
        int vdev = m.vdevice();
        Task unbind = m.unbind();
        m.hand.until(unbind, "iommufd_device_unbind: iommufd_object_remove vdev");
        assertThat(m.finish(m.destroy(vdev))).isEqualTo("OK");
        var stranger = IoasAlloc.call(m.rig.ctx);
        assertThat(m.finish(m.start(m.rig.ioctl(stranger)))).isEqualTo("OK");
        assertThat(stranger.frame().outIoasId()).isEqualTo(vdev);
        assertThat(m.found()).isEmpty();

        m.finish(unbind);

        assertThat(m.finding())
                .isEqualTo("the unbind of vmm.iommufd DEVICE 1 goes by id and destroys vmm.iommufd IOAS 5 (),"
                        + " which is not of that device");
    }

    @Test
    void shouldAllowAnIdThatItsUserHasDestroyed() {
        CheckedMachine m = new CheckedMachine("v5-posted", IdReuse::new);
        int vdev = m.vdevice();
        assertThat(m.rig.destroy(vdev)).isZero();
        assertThat(m.rig.ioasAlloc()).isEqualTo(vdev);
        assertThat(m.rig.destroy(vdev)).isZero();
        assertThat(m.found()).isEmpty();
    }

    @Test
    void shouldAllowATombstone() {
        CheckedMachine m = new CheckedMachine("linux-7.3", IdReuse::new);
        int vdev = m.vdevice();
        m.finish(m.unbind());
        assertThat(m.rig.ioasAlloc()).isNotEqualTo(vdev);
        assertThat(m.found()).isEmpty();
    }
}
