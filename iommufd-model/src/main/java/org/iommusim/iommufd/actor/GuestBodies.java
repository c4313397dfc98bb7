package org.iommusim.iommufd.actor;

import org.iommusim.sim.program.Call;

/** Programs of the verbs of {@link GuestVerbs}. */
final class GuestBodies {
    private GuestBodies() {}

    static Call<?> bindDriver(StepArguments step) {
        return Bodies.notBuilt(step);
    }

    static Call<?> map(StepArguments step) {
        return Bodies.notBuilt(step);
    }

    static Call<?> unmap(StepArguments step) {
        return Bodies.notBuilt(step);
    }

    static Call<?> setBusMaster(StepArguments step) {
        return Bodies.notBuilt(step);
    }

    static Call<?> start(StepArguments step) {
        return Bodies.notBuilt(step);
    }

    static Call<?> stop(StepArguments step) {
        return Bodies.notBuilt(step);
    }

    static Call<?> waitDone(StepArguments step) {
        return Bodies.notBuilt(step);
    }

    static Call<?> unbindDriver(StepArguments step) {
        return Bodies.notBuilt(step);
    }
}
