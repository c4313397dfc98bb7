package org.iommusim.hw.control;

/** How far invalidations are that have taken effect: requests under way may still use what they ended. */
public interface InvalidationProgress {
    /** How many invalidations have taken effect since one had to wait for a request under way; 0 if none has. */
    int invalidations();

    /**
     * True while a request is under way for which one of the first so many invalidations has to wait; not to be asked for
     * this number again once it is false.
     */
    boolean awaited(int first);

    /** How many commands promise something of which software has not been told that it is complete. */
    int promises();

    /** Software is about to be told that the first so many of the {@link #promises} are kept. */
    void completed(String by, int first);
}
