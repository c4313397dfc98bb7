package org.iommusim.iommufd.actor;

import org.iommusim.iommufd.vfio.Hotplug;
import org.iommusim.sim.program.Call;

/** Programs of the verbs of {@link HostVerbs}. */
final class HostBodies {
    private HostBodies() {}

    static Call<?> plug(StepArguments step) {
        return Hotplug.plug(step.actor().machine().slot(step, "device"));
    }

    static Call<?> unplug(StepArguments step) {
        return Hotplug.unplug(step.actor().machine().slot(step, "device"));
    }

    static Call<?> surpriseRemove(StepArguments step) {
        return Hotplug.surpriseRemove(step.actor().machine().slot(step, "device"));
    }
}
