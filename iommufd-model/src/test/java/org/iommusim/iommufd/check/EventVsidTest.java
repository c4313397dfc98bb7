package org.iommusim.iommufd.check;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Objects;
import org.iommusim.hw.driver.IommuMaster;
import org.iommusim.iommufd.device.Viommu;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class EventVsidTest {
    private final CheckedMachine m = new CheckedMachine("linux-7.3", EventVsid::new);
    private final Viommu viommu =
            (Viommu) Objects.requireNonNull(m.rig.ctx.objects().load(m.viommu));
    private final IommuMaster master =
            Objects.requireNonNull(m.file.idev()).dev().master();
    private int vdev;

    @BeforeEach
    void makeVdevice() {
        vdev = m.vdevice();
    }

    @Test
    void shouldReportAnEventOfADeviceThatHasNoVirtualIdAnyMore() {
        assertThat(m.rig.destroy(vdev)).isZero();
        viommu.reporting(master, CheckedMachine.VIRT_ID);
        assertThat(m.finding())
                .isEqualTo(
                        "an event of net0 goes to vmm.iommufd VIOMMU 4 under virtual id 0x8, which has none any more");
    }

    @Test
    void shouldReportAnEventUnderTheNextOwnersVirtualId() {
        int other = m.rig.bind(m.rig.open(m.rig.plug("net1", 0x108)));
        assertThat(m.rig.destroy(vdev)).isZero();
        assertThat(m.rig.vdeviceAlloc(m.viommu, other, CheckedMachine.VIRT_ID)).isEqualTo(vdev);
        viommu.reporting(master, CheckedMachine.VIRT_ID);
        assertThat(m.finding()).contains("; that id is vmm.iommufd VDEVICE").endsWith(" now");
    }

    @Test
    void shouldAllowAnEventUnderTheVirtualIdThatTheDeviceHas() {
        viommu.reporting(master, CheckedMachine.VIRT_ID);
        assertThat(m.found()).isEmpty();
    }
}
