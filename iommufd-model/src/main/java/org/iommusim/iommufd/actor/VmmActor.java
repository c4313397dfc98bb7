package org.iommusim.iommufd.actor;

/** A VMM process. */
public final class VmmActor extends Actor {
    VmmActor(Machine machine, String name) {
        super(machine, name, ActorKind.VMM);
    }
}
