package org.iommusim.iommufd.actor;

import org.iommusim.sim.program.Call;

/** Programs of the verbs of {@link IommufdVerbs}. */
final class IommufdBodies {
    private IommufdBodies() {}

    static Call<?> ioasAlloc(StepArguments step) {
        return Bodies.notBuilt(step);
    }

    static Call<?> ioasMap(StepArguments step) {
        return Bodies.notBuilt(step);
    }

    static Call<?> ioasUnmap(StepArguments step) {
        return Bodies.notBuilt(step);
    }

    static Call<?> hwptAlloc(StepArguments step) {
        return Bodies.notBuilt(step);
    }

    static Call<?> viommuAlloc(StepArguments step) {
        return Bodies.notBuilt(step);
    }

    static Call<?> vdeviceAlloc(StepArguments step) {
        return Bodies.notBuilt(step);
    }

    static Call<?> invalidate(StepArguments step) {
        return Bodies.notBuilt(step);
    }

    static Call<?> getHwInfo(StepArguments step) {
        return Bodies.notBuilt(step);
    }

    static Call<?> destroy(StepArguments step) {
        return Bodies.notBuilt(step);
    }
}
