package org.iommusim.iommufd.check;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ForcedDestroyTest {
    @ParameterizedTest
    @CsvSource({"v5-posted, is free", "rfc1-auto-destroy, is free", "linux-6.17, stays taken", "linux-7.3, stays taken"
    })
    void shouldReportAVdeviceThatUnbindDestroys(String kernel, String id) {
        CheckedMachine m = new CheckedMachine(kernel, ForcedDestroy::new);
        m.vdevice();
        m.finish(m.unbind());
        assertThat(m.finding())
                .isEqualTo(
                        "the kernel destroys vmm.iommufd VDEVICE 5 (viommu 4, device 1, virt_id 0x8), which user space"
                                + " made and has not destroyed; its id " + id);
    }

    @ParameterizedTest
    @CsvSource({"v5-review", "linux-6.13", "zombie"})
    void shouldAllowAVdeviceThatStays(String kernel) {
        CheckedMachine m = new CheckedMachine(kernel, ForcedDestroy::new);
        m.vdevice();
        m.finish(m.unbind());
        assertThat(m.found()).isEmpty();
    }

    @Test
    void shouldAllowWhatUserSpaceDestroysAndWhatGoesWithItsContext() {
        CheckedMachine m = new CheckedMachine("linux-7.3", ForcedDestroy::new);
        assertThat(m.rig.destroy(m.vdevice())).isZero();
        m.finish(m.unbind());
        m.rig.closeContext();
        assertThat(m.rig.ctx.released()).isTrue();
        assertThat(m.found()).isEmpty();
    }
}
