package org.iommusim.iommufd.check;

import static org.assertj.core.api.Assertions.assertThat;

import org.iommusim.hw.driver.UserData;
import org.iommusim.iommufd.ioctl.HwptInvalidate;
import org.iommusim.sim.program.Task;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HalfMadeTest {
    private static Task invalidate(CheckedMachine m) {
        return m.start(m.rig.ioctl(HwptInvalidate.call(
                m.rig.ctx,
                m.viommu,
                UserData.ofWords(1, new long[] {CheckedMachine.VIRT_ID}).array(8))));
    }

    @Test
    void shouldReportAVdeviceThatIsInTheTableBeforeItsDriverHasInitialisedIt() {
        CheckedMachine m = new CheckedMachine("linux-6.17", HalfMade::new);
        Task alloc = m.alloc(m.dev, CheckedMachine.VIRT_ID);
        m.hand.until(alloc, "IOMMU_VDEVICE_ALLOC: vdevice_init");

        m.finish(invalidate(m));

        assertThat(m.finding())
                .isEqualTo("virtual id 0x8 of vmm.iommufd VIOMMU 4 is looked up and finds vmm.iommufd VDEVICE 5,"
                        + " which its driver has not initialised yet");
    }

    @Test
    void shouldReportAVdeviceThatItsDriverHasTornDown() {
        CheckedMachine m = new CheckedMachine("linux-7.3", HalfMade::new);
        Task destroy = m.destroy(m.vdevice());
        m.hand.until(destroy, "iommufd_vdevice_abort: xa_lock(vdevs)");

        m.finish(invalidate(m));

        assertThat(m.finding()).endsWith("VDEVICE 5, which its driver has torn down already");
    }

    @ParameterizedTest
    @CsvSource({"linux-7.3", "linux-6.17", "linux-6.13"})
    void shouldAllowAVdeviceThatIsReady(String kernel) {
        CheckedMachine m = new CheckedMachine(kernel, HalfMade::new);
        m.vdevice();
        assertThat(m.finish(invalidate(m))).isEqualTo("OK");
        assertThat(m.found()).isEmpty();
    }

    @Test
    void shouldAllowALookUpThatFindsNothing() {
        CheckedMachine m = new CheckedMachine("linux-7.3", HalfMade::new);
        Task alloc = m.alloc(m.dev, CheckedMachine.VIRT_ID);
        m.hand.until(alloc, "IOMMU_VDEVICE_ALLOC: vdevice_init");
        assertThat(m.finish(invalidate(m))).isEqualTo("EIO");
        assertThat(m.found()).isEmpty();
    }
}
