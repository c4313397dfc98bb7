package org.iommusim.iommufd.check;

import static org.assertj.core.api.Assertions.assertThat;

import org.iommusim.sim.program.Task;
import org.junit.jupiter.api.Test;

class LeakTest {
    @Test
    void shouldReportAContextThatItsOwnDeviceHoldsForEver() {
        CheckedMachine m = new CheckedMachine("v5-posted", Leak::new);
        Task destroy = m.destroy(m.vdevice());
        m.hand.until(destroy, "iommufd_vdevice_destroy: igroup->lock");
        m.finish(m.unbind());
        m.finish(destroy);
        assertThat(m.foundInTheEnd()).isEmpty();
        m.rig.closeContext();
        m.dropHolder();

        assertThat(m.foundInTheEnd())
                .singleElement()
                .satisfies(v -> assertThat(v.message())
                        .startsWith("vmm.iommufd is closed and never released: 1 references hold its file, of "
                                + "[vmm.iommufd DEVICE 1: users 1, wait_cnt 1"));
    }

    @Test
    void shouldAllowAContextThatIsReleasedAndOneThatIsOpen() {
        CheckedMachine m = new CheckedMachine("linux-7.3", Leak::new);
        m.vdevice();
        m.finish(m.unbind());
        assertThat(m.foundInTheEnd()).isEmpty();
        m.rig.closeContext();
        m.dropHolder();
        assertThat(m.foundInTheEnd()).isEmpty();
    }
}
