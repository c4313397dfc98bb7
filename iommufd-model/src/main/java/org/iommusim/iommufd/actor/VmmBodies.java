package org.iommusim.iommufd.actor;

import org.iommusim.sim.program.Call;

/** Programs of the verbs of {@link VmmVerbs}. */
final class VmmBodies {
    private VmmBodies() {}

    static Call<?> openIommufd(StepArguments step) {
        return Bodies.notBuilt(step);
    }

    static Call<?> openVfio(StepArguments step) {
        return Bodies.notBuilt(step);
    }

    static Call<?> bind(StepArguments step) {
        return Bodies.notBuilt(step);
    }

    static Call<?> attach(StepArguments step) {
        return Bodies.notBuilt(step);
    }

    static Call<?> detach(StepArguments step) {
        return Bodies.notBuilt(step);
    }

    static Call<?> close(StepArguments step) {
        return Bodies.notBuilt(step);
    }

    static Call<?> waitRequest(StepArguments step) {
        return Bodies.notBuilt(step);
    }

    static Call<?> mmap(StepArguments step) {
        return Bodies.notBuilt(step);
    }

    static Call<?> munmap(StepArguments step) {
        return Bodies.notBuilt(step);
    }

    static Call<?> memslot(StepArguments step) {
        return Bodies.notBuilt(step);
    }

    static Call<?> trapInvalidations(StepArguments step) {
        return Bodies.notBuilt(step);
    }
}
