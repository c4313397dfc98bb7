package org.iommusim.iommufd.check;

import static org.assertj.core.api.Assertions.assertThat;

import org.iommusim.hw.driver.UserData;
import org.iommusim.iommufd.ioctl.HwptInvalidate;
import org.iommusim.sim.program.Task;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WrongContextTest {
    private static Task invalidate(CheckedMachine m) {
        return m.start(m.rig.ioctl(HwptInvalidate.call(
                m.rig.ctx,
                m.viommu,
                UserData.ofWords(1, new long[] {CheckedMachine.VIRT_ID}).array(8))));
    }

    @ParameterizedTest
    @CsvSource({"v5-review", "linux-6.13"})
    void shouldReportAVirtualIdThatOutlivesTheBinding(String kernel) {
        CheckedMachine m = new CheckedMachine(kernel, WrongContext::new);
        m.vdevice();
        m.finish(m.unbind());

        m.finish(invalidate(m));

        assertThat(m.finding())
                .isEqualTo(
                        "virtual id 0x8 of vmm.iommufd VIOMMU 4 translates to net0, which is not bound to vmm.iommufd"
                                + " any more");
    }

    @Test
    void shouldReportACommandThatGoesOutAfterTheUnbind() {
        CheckedMachine m = new CheckedMachine("linux-7.3", WrongContext::new);
        m.vdevice();
        Task invalidate = invalidate(m);
        m.hand.until(invalidate, "fake cache_invalidate: issue");
        m.finish(m.unbind());
        assertThat(m.found()).isEmpty();

        m.finish(invalidate);

        assertThat(m.finding()).endsWith("which was unbound from vmm.iommufd since its virtual id was looked up");
    }

    @Test
    void shouldReportADeviceBehindAnotherIommu() {
        CheckedMachine m = new CheckedMachine("v5-posted", WrongContext::new);
        int other = m.rig.bind(m.rig.open(m.rig.plug("net1", 0x108, m.rig.otherDriver)));
        assertThat(m.rig.vdeviceAlloc(m.viommu, other, CheckedMachine.VIRT_ID)).isPositive();

        m.finish(invalidate(m));

        assertThat(m.finding()).contains("net1, which is behind another IOMMU");
    }

    @Test
    void shouldAllowADeviceThatIsBound() {
        CheckedMachine m = new CheckedMachine("linux-7.3", WrongContext::new);
        m.vdevice();
        assertThat(m.finish(invalidate(m))).isEqualTo("OK");
        assertThat(m.found()).isEmpty();
    }
}
