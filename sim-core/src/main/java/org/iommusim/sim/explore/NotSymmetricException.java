package org.iommusim.sim.explore;

/** Lanes that were taken for interchangeable are not: what was searched so far says nothing about their swapped schedules. */
public final class NotSymmetricException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Says what is different, as half a sentence. */
    public NotSymmetricException(String message) {
        super(message);
    }
}
