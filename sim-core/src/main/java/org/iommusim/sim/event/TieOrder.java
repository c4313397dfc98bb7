package org.iommusim.sim.event;

/** Which of several pending events with the same key leaves an {@link EventQueue} first. */
public enum TieOrder {
    /** The one that was added first. */
    FIFO,
    /** The one that was added last; gem5 orders events of one tick and priority so, and its timing depends on it. */
    LIFO
}
