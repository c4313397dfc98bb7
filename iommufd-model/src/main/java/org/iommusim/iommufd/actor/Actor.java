package org.iommusim.iommufd.actor;

/** Somebody who acts: a name, a kind, and a script that runs on a task of its own. */
public final class Actor {
    private final String name;
    private final ActorKind kind;

    /** Makes an actor that has not started. */
    public Actor(String name, ActorKind kind) {
        this.name = name;
        this.kind = kind;
    }

    /** The actor's name. */
    public String name() {
        return name;
    }

    /** What it is. */
    public ActorKind kind() {
        return kind;
    }
}
