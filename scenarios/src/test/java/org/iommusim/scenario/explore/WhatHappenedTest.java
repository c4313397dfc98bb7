package org.iommusim.scenario.explore;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.iommusim.sim.check.Violation;
import org.junit.jupiter.api.Test;

class WhatHappenedTest {
    @Test
    void shouldSayWhoFreedWhatAndWhoWasNotDone() {
        assertThat(WhatHappened.in(SyntheticSchedule.freedGroup()))
                .isEqualTo("close(vfio) of vmm freed the igroup while IOMMU_DESTROY(vdev) of t2 still held its lock");
    }

    @Test
    void shouldSayWhoWaitsForWhom() {
        assertThat(WhatHappened.in(SyntheticSchedule.deadlock()))
                .isEqualTo("IOMMU_HWPT_ALLOC(ioas) of vmm waits for igroup->lock, which close(vfio) of t2 holds, and"
                        + " close(vfio) of t2 waits for ioas.mutex, which IOMMU_HWPT_ALLOC(ioas) of vmm holds");
    }

    @Test
    void shouldSayWhereTheOthersWere() {
        assertThat(WhatHappened.in(SyntheticSchedule.warning()))
                .isEqualTo("in close(vfio) of vmm: DEVICE 1 cannot be destroyed: EBUSY, while IOMMU_DESTROY(vdev) of t2"
                        + " had come to 'iommufd_vdevice_abort: unlink'");
    }

    @Test
    void shouldSayWhoseWakeUpWasLost() {
        ReplayedSchedule s = SyntheticSchedule.warning();
        Violation lost = new Violation(
                0, "lost-wakeup", "vmm slept until its timer: the wake-up of t2 in p: wake reached only others");
        assertThat(WhatHappened.in(new ReplayedSchedule(s.lanes(), s.calls(), s.rows(), List.of(lost), "", "")))
                .isEqualTo("close(vfio) of vmm slept until its timer ended it, because the wake-up of"
                        + " IOMMU_DESTROY(vdev) of t2 did not reach it");
    }

    @Test
    void shouldNameFreedObjectsAndFutureOwnersOfLocks() {
        assertThat(WhatHappened.in(saying("iommufd_put_object touches DEVICE 1 after kfree by vmm in close: kfree")))
                .isEqualTo("close(vfio) of vmm freed DEVICE 1 while IOMMU_DESTROY(vdev) of t2 still used it");
        assertThat(WhatHappened.in(saying("t2 takes igroup->lock after it was freed by irq")))
                .isEqualTo("irq freed the igroup while IOMMU_DESTROY(vdev) of t2 was about to take its lock");
        assertThat(WhatHappened.in(saying("t2 takes igroup->lock after it was freed")))
                .startsWith("somebody freed the igroup");
    }

    @Test
    void shouldSayTheMessageWhereNothingRan() {
        Violation violation = new Violation(0, "leak", "a page is left");
        assertThat(WhatHappened.in(new ReplayedSchedule(List.of(), List.of(), List.of(), List.of(violation), "", "")))
                .isEqualTo("a page is left");
        assertThat(WhatHappened.in(new ReplayedSchedule(List.of(), List.of(), List.of(), List.of(), "", "")))
                .isEqualTo("nothing was violated");
    }

    private static ReplayedSchedule saying(String message) {
        ReplayedSchedule s = SyntheticSchedule.freedGroup();
        List<Violation> violations = List.of(new Violation(0, "use-after-free", message));
        return new ReplayedSchedule(s.lanes(), s.calls(), s.rows(), violations, "", "");
    }
}
