package org.iommusim.sim.event;

/** Which lanes go first among events of the same picosecond; a lane has one phase for life. */
public enum Phase {
    /** Hardware moves before software looks at it, so that a poll in the same tick sees the new state. */
    HARDWARE,
    /** Simulated CPU tasks: kernel paths, VMM threads, guest vCPUs. */
    SOFTWARE,
    /** Timeouts go last: whoever could still satisfy the wait in this tick wins. */
    TIMEOUT
}
