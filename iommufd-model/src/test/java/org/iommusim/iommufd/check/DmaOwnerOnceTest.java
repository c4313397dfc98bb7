package org.iommusim.iommufd.check;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Objects;
import org.iommusim.iommufd.device.DeviceWatcher;
import org.iommusim.iommufd.device.HostDevice;
import org.iommusim.sim.check.Checker;
import org.junit.jupiter.api.Test;

class DmaOwnerOnceTest {
    @Test
    void shouldReportAClaimThatIsGivenBackTwice() {
        Checker[] checker = new Checker[1];
        CheckedMachine m = new CheckedMachine("linux-7.3", kernel -> {
            checker[0] = new DmaOwnerOnce(kernel);
            return checker[0];
        });
        HostDevice device = Objects.requireNonNull(m.file.idev()).dev();
        m.finish(m.unbind());
        assertThat(m.found()).isEmpty();

        ((DeviceWatcher) checker[0]).disclaimed(device, -1);

        assertThat(m.finding()).startsWith("a claim on the DMA of group of net0 is given back that nobody has");
    }

    @Test
    void shouldAllowTwoDevicesOfAGroup() {
        CheckedMachine m = new CheckedMachine("linux-7.3", DmaOwnerOnce::new);
        m.rig.bind(m.rig.open(m.rig.plug("net1", 0x108)));
        m.finish(m.unbind());
        assertThat(m.found()).isEmpty();
    }
}
