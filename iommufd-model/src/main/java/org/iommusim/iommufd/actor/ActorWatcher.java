package org.iommusim.iommufd.actor;

/** What checkers hear of actors; they watch and never change a result. */
public interface ActorWatcher {
    /** An actor's step begins. */
    void begins(Actor actor, Verb verb);

    /** It has ended; {@code errno} is its answer. */
    void ended(Actor actor, Verb verb, int errno);
}
