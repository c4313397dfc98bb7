package org.iommusim.iommufd.check;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.iommusim.iommufd.ioctl.GetHwInfo;
import org.iommusim.iommufd.ioctl.VdeviceAlloc;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UnbindLockSleepTest {
    private static CheckedMachine machine(String kernel) {
        return new CheckedMachine(
                kernel,
                made -> new UnbindLockSleep(made, KernelLocks.with(List.of()).neededByUnbind()));
    }

    @ParameterizedTest
    @CsvSource({"v5-posted, igroup->lock", "rfc1-auto-destroy, idev->lock", "linux-7.3, igroup->lock"})
    void shouldReportAnAllocationThatSleepsUnderTheLockThatUnbindTakesFirst(String kernel, String lock) {
        CheckedMachine m = machine(kernel);
        var alloc = VdeviceAlloc.call(m.rig.ctx, m.viommu, m.dev, CheckedMachine.VIRT_ID);
        alloc.frame().userFault(1_000_000);
        m.finish(m.start(m.rig.ioctl(alloc)));
        assertThat(m.finding()).contains("sleeps for a page of its user's memory with " + lock + " held");
        assertThat(m.found().get(0).scene().get(0).in("IOMMU_VDEVICE_ALLOC")).isTrue();
    }

    @Test
    void shouldAllowACopyWithoutSuchALock() {
        CheckedMachine m = machine("linux-7.3");
        var info = GetHwInfo.call(m.rig.ctx, m.dev);
        info.frame().userFault(1_000_000);
        m.finish(m.start(m.rig.ioctl(info)));
        assertThat(m.found()).isEmpty();
    }

    @Test
    void shouldAllowACopyThatNeedsNoPage() {
        CheckedMachine m = machine("linux-7.3");
        m.vdevice();
        assertThat(m.found()).isEmpty();
    }
}
