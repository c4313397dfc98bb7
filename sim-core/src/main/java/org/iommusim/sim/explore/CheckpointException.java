package org.iommusim.sim.explore;

/** A checkpoint cannot be written, read or used; the message names the file and says why, in one line. */
public final class CheckpointException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Makes the exception. */
    public CheckpointException(String message) {
        super(message);
    }

    /** Makes the exception with its cause. */
    public CheckpointException(String message, Throwable cause) {
        super(message, cause);
    }
}
