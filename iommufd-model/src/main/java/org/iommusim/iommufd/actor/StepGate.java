package org.iommusim.iommufd.actor;

import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.program.WaitQueue;

/** What a step waits for before it starts: the machine, its time, and the labels that it names. */
final class StepGate extends Frame {
    private static final Program<StepGate> GATE = Program.<StepGate>named("script")
            .await(
                    "wait until the machine has booted",
                    Footprint.of(Machine.LABEL),
                    f -> f.machine.labelsChanged(),
                    WaitQueue.Sleep.UNINTERRUPTIBLE,
                    f -> f.machine.booted())
            .spend("wait until the step's time", StepGate::untilItsTime)
            .await(
                    "wait for labels",
                    Footprint.of(Machine.LABEL),
                    f -> f.machine.labelsChanged(),
                    WaitQueue.Sleep.UNINTERRUPTIBLE,
                    StepGate::labelsAreSet)
            .build();

    private final Machine machine;
    private final ScriptStep step;

    private StepGate(Machine machine, ScriptStep step) {
        super(machine.simulation().world());
        this.machine = machine;
        this.step = step;
    }

    static Call<StepGate> call(Machine machine, ScriptStep step) {
        return new Call<>(GATE, new StepGate(machine, step));
    }

    private long untilItsTime() {
        return Math.max(0, step.atPs() - machine.simulation().now());
    }

    private boolean labelsAreSet() {
        for (String label : step.after()) {
            if (!machine.labelSet(label)) {
                return false;
            }
        }
        return true;
    }
}
