package org.iommusim.iommufd.check;

import static org.assertj.core.api.Assertions.assertThat;

import org.iommusim.sim.program.Task;
import org.junit.jupiter.api.Test;

class MustSucceedTest {
    @Test
    void shouldReportAnUnbindThatFindsADestroyOnItsWay() {
        CheckedMachine m = new CheckedMachine("v5-posted", MustSucceed::new);
        Task destroy = m.destroy(m.vdevice());
        m.hand.until(destroy, "iommufd_vdevice_destroy: igroup->lock");

        m.finish(m.unbind());

        assertThat(m.finding())
                .isEqualTo("the removal of vmm.iommufd DEVICE 1 (device net0) must not fail and fails with EBUSY:"
                        + " users 2, wait_cnt 1, held by nothing that lasts");
    }

    @Test
    void shouldAllowAnUnbindThatWaitsForTheDestroy() {
        CheckedMachine m = new CheckedMachine("linux-7.3", MustSucceed::new);
        Task destroy = m.destroy(m.vdevice());
        m.hand.until(destroy, "iommufd_vdevice_destroy: igroup->lock");
        Task unbind = m.unbind();
        assertThat(m.hand.asFarAsPossible(unbind)).isFalse();
        m.finish(destroy);
        assertThat(m.hand.timeOut(unbind)).isTrue();
        assertThat(m.found()).isEmpty();
    }
}
