package org.iommusim.hw.check;

/** What one invalidation promises by the architecture, whatever the device makes of it. */
public interface Promise {
    /** What becomes of something made from a source. */
    enum Effect {
        /** It may be used as before. */
        NONE,
        /** It may be used until a later invalidation ends what was combined from several tables. */
        HALF,
        /** It may not be used once the invalidation is complete. */
        ENDED
    }

    /** The effect on {@code entry} because of its {@code index}th source, if that has changed. */
    Effect on(Trail entry, int index);

    /** The command, for people. */
    String text();
}
