package org.iommusim.iommufd.actor;

import org.iommusim.sim.program.Call;

/** Programs of the verbs of {@link HostVerbs}. */
final class HostBodies {
    private HostBodies() {}

    static Call<?> plug(StepArguments step) {
        return Bodies.notBuilt(step);
    }

    static Call<?> unplug(StepArguments step) {
        return Bodies.notBuilt(step);
    }

    static Call<?> surpriseRemove(StepArguments step) {
        return Bodies.notBuilt(step);
    }
}
