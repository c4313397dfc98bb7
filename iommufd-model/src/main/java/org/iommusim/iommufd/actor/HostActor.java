package org.iommusim.iommufd.actor;

/** The host's administrator and its hotplug code. */
public final class HostActor extends Actor {
    HostActor(Machine machine, String name) {
        super(machine, name, ActorKind.HOST);
    }
}
