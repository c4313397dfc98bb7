package org.iommusim.iommufd.check;

import static org.assertj.core.api.Assertions.assertThat;

import org.iommusim.iommufd.device.InvalidationWatcher;
import org.iommusim.sim.check.Checker;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.program.Task;
import org.junit.jupiter.api.Test;

class CompletedBeforeInvalidatedTest {
    private final Checker[] checker = new Checker[1];
    private final CheckedMachine m = new CheckedMachine("linux-7.3", kernel -> {
        checker[0] = new CompletedBeforeInvalidated(kernel);
        return checker[0];
    });

    private static final class Empty extends Frame {
        Empty(CheckedMachine m) {
            super(m.rig.simulation.world());
        }
    }

    private void inATask(Runnable body) {
        Task task = m.start(new Call<>(
                Program.<Empty>named("a driver")
                        .step("says", Footprint.LOCAL, f -> body.run())
                        .build(),
                new Empty(m)));
        m.finish(task);
    }

    @Test
    void shouldReportEntriesThatNobodyCarriedOut() {
        InvalidationWatcher watcher = (InvalidationWatcher) checker[0];
        inATask(() -> {
            watcher.carriedOut(63);
            watcher.answers(64);
        });
        assertThat(m.finding())
                .isEqualTo("task 0 is told that 64 invalidations are done, but only 63 were carried out:"
                        + " what the others cover may still be used");
    }

    @Test
    void shouldAllowWhatWasCarriedOutAndNotRememberItForTheNextCall() {
        m.vdevice();
        assertThat(m.rig.invalidate(m.viommu, CheckedMachine.VIRT_ID, CheckedMachine.VIRT_ID))
                .isZero();
        assertThat(m.rig.invalidate(m.viommu, CheckedMachine.VIRT_ID)).isZero();
        assertThat(m.found()).isEmpty();
    }
}
