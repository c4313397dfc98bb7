package org.iommusim.iommufd.check;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Objects;
import org.iommusim.iommufd.device.Vdevice;
import org.iommusim.iommufd.device.Viommu;
import org.iommusim.iommufd.object.ObjectWatcher;
import org.iommusim.sim.check.Checker;
import org.junit.jupiter.api.Test;

class OneVdeviceTest {
    private final Checker[] checker = new Checker[1];

    private CheckedMachine machine(String kernel) {
        return new CheckedMachine(kernel, made -> {
            checker[0] = new OneVdevice(made);
            return checker[0];
        });
    }

    @Test
    void shouldReportASecondVdeviceOfADevice() {
        CheckedMachine m = machine("linux-7.3");
        m.vdevice();
        Viommu viommu = (Viommu) Objects.requireNonNull(m.rig.ctx.objects().load(m.viommu));
        ((ObjectWatcher) checker[0]).published(new Vdevice(viommu, Objects.requireNonNull(m.file.idev()), 9));
        assertThat(m.finding())
                .contains("vmm.iommufd DEVICE 1 (device net0) gets vmm.iommufd VDEVICE")
                .endsWith("although it has vmm.iommufd VDEVICE 5 (viommu 4, device 1, virt_id 0x8)");
    }

    @Test
    void shouldAllowOneAfterTheOther() {
        CheckedMachine m = machine("linux-7.3");
        assertThat(m.rig.destroy(m.vdevice())).isZero();
        m.vdevice();
        assertThat(m.found()).isEmpty();
    }

    @Test
    void shouldAllowSeveralWhereDevicesDoNotPointToThem() {
        CheckedMachine m = machine("linux-6.13");
        m.vdevice();
        assertThat(m.rig.vdeviceAlloc(m.viommu, m.dev, CheckedMachine.VIRT_ID + 1))
                .isPositive();
        assertThat(m.found()).isEmpty();
    }
}
