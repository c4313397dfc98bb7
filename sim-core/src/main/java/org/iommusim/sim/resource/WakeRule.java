package org.iommusim.sim.resource;

/** What happens when a slot is given back while somebody waits for one. */
public enum WakeRule {
    /** The slot passes to the head of the queue; nobody can overtake it. */
    HAND_OVER,
    /**
     * The head is woken by an event of the same tick and tests again; a contender that runs in between may take the slot,
     * and then the woken one goes to the tail. This is how gem5's semaphores behave.
     */
    RETEST
}
