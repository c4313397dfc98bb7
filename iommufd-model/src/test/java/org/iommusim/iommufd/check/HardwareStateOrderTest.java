package org.iommusim.iommufd.check;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Objects;
import org.iommusim.hw.driver.IommuMaster;
import org.iommusim.iommufd.device.Viommu;
import org.iommusim.iommufd.vfio.Vfio;
import org.junit.jupiter.api.Test;

class HardwareStateOrderTest {
    private final CheckedMachine m = new CheckedMachine("linux-7.3", HardwareStateOrder::new);
    private final Viommu viommu =
            (Viommu) Objects.requireNonNull(m.rig.ctx.objects().load(m.viommu));
    private final IommuMaster master =
            Objects.requireNonNull(m.file.idev()).dev().master();

    @Test
    void shouldReportAStateThatIsThereWhenTheDeviceIsDisabled() {
        viommu.reachedByVm(master, true);
        assertThat(m.finish(m.unbind())).isEqualTo("OK");
        assertThat(m.finding())
                .isEqualTo("net0 is disabled while the hardware still lets a VM reach it without the kernel: that state"
                        + " goes only after the reset and the detach");
    }

    @Test
    void shouldAllowAStateThatWentBefore() {
        viommu.reachedByVm(master, true);
        viommu.reachedByVm(master, false);
        assertThat(m.finish(m.unbind())).isEqualTo("OK");
        assertThat(m.found()).isEmpty();
    }

    @Test
    void shouldAllowAUserToDetachADeviceWithSuchState() {
        viommu.reachedByVm(master, true);
        assertThat(m.rig.attach(m.file, m.parent)).isZero();
        assertThat(m.rig.run(Vfio.detach(m.file))).isZero();
        assertThat(m.found()).isEmpty();
    }
}
