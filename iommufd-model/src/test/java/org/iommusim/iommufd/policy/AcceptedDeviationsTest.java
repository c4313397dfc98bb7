package org.iommusim.iommufd.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.iommusim.iommufd.actor.CheckerList;
import org.iommusim.iommufd.kernels.Kernels;
import org.iommusim.sim.check.CheckerInfo;
import org.iommusim.sim.check.Position;
import org.iommusim.sim.check.Violation;
import org.junit.jupiter.api.Test;

class AcceptedDeviationsTest {
    private static final Position DESTROYER =
            new Position("t2", List.of("iommufd_fops_ioctl", "iommufd_object_remove"), "unlink", List.of(), "");
    private static final Position UNBINDER = new Position(
            "vmm",
            List.of("vfio_device_fops_release", "iommufd_device_pre_destroy"),
            "try",
            List.of("igroup->lock"),
            "");

    private static Optional<String> known(String kernel, String checker, String message, Position... scene) {
        return new AcceptedDeviations(Kernels.find(kernel).orElseThrow())
                .idOf(new Violation(0, checker, message, List.of(scene)));
    }

    @Test
    void shouldAcceptASpuriousEbusyOnlyWhileAnUnbindHoldsTheObject() {
        assertThat(known("linux-7.3", "spurious-busy", "", DESTROYER, UNBINDER)).contains("D2");
        assertThat(known("linux-7.3", "spurious-busy", "", DESTROYER)).isEmpty();
    }

    @Test
    void shouldAcceptOnlyWhatTheKernelDoes() {
        String stays = "the kernel destroys it; its id stays taken";
        assertThat(known("linux-7.3", "forced-destroy", stays)).contains("D1");
        assertThat(known("linux-6.13", "forced-destroy", stays)).isEmpty();
        assertThat(known("v5-posted", "forced-destroy", stays)).isEmpty();
        assertThat(known("v5-posted", "forced-destroy", "its id is free")).contains("A2");
    }

    @Test
    void shouldAcceptAnUnbindThatWaitsForAUsersPageBehindAnAllocationButNotBehindAnythingElse() {
        Position waits =
                new Position("vmm", List.of("iommufd_device_pre_destroy"), "lock", List.of(), "lock igroup->lock");
        Position alloc = new Position(
                "t2", List.of("IOMMU_VDEVICE_ALLOC"), "page", List.of("igroup->lock"), "wait queue user pages");
        Position other = new Position(
                "t2", List.of("IOMMU_HWPT_ALLOC"), "page", List.of("igroup->lock"), "wait queue user pages");
        assertThat(known("linux-7.3", "unbounded-wait", "", waits, alloc)).contains("D6");
        assertThat(known("linux-7.3", "unbounded-wait", "", waits, other)).isEmpty();
    }

    @Test
    void shouldAcceptAFailedUnbindOnlyIfItHasWaitedForItsTime() {
        Position gaveUp = new Position("vmm", List.of("iommufd_object_remove"), "fails", List.of(), "");
        Position refused = new Position("vmm", List.of("iommufd_object_remove"), "unlink", List.of(), "");
        assertThat(known("linux-7.3", "must-succeed", "", gaveUp)).contains("D7");
        assertThat(known("linux-7.3", "WARN", "", gaveUp)).contains("D7");
        assertThat(known("linux-7.3", "must-succeed", "", refused)).isEmpty();
    }

    @Test
    void shouldAcceptHardwareStateThatGoesLastOrStays() {
        assertThat(known("linux-7.3", "hardware-state-order", "")).contains("D9");
        assertThat(known("linux-6.13", "hardware-state-order", "")).contains("B8");
        assertThat(known("v5-posted", "hardware-state-order", "")).isEmpty();
    }

    @Test
    void shouldNeverAcceptAUseAfterFree() {
        assertThat(Kernels.all())
                .allMatch(kernel -> new AcceptedDeviations(kernel)
                        .refuses(new Violation(0, "use-after-free", "", List.of(DESTROYER, UNBINDER))));
    }

    @Test
    void shouldNameCheckersAndDeviationsThatExist() {
        List<String> checkers = Stream.concat(CheckerList.builtIn().stream(), CheckerList.attached().stream())
                .map(CheckerInfo::name)
                .toList();
        assertThat(checkers).containsAll(AcceptedDeviations.checkers());
        List<String> deviations = Kernels.all().stream()
                .flatMap(kernel -> kernel.accepted().stream())
                .map(Deviation::id)
                .toList();
        assertThat(deviations).containsAll(AcceptedDeviations.ids());
    }
}
