package org.iommusim.scenario.run;

/**
 * Notices that events go on but time does not: something does things in no time, for ever. Looks at the clock once in a
 * while.
 */
final class StandStill {
    private static final int EVENTS_BETWEEN_LOOKS = 1 << 16;
    /** So many looks at one simulated time are too many. */
    private static final int LOOKS_AT_ONE_TIME = 64;

    private long nextLook = EVENTS_BETWEEN_LOOKS;
    private long lookedAt = -1;
    private int looks;

    /** True if it is time for a look, after so many events. */
    boolean due(long executed) {
        return executed >= nextLook;
    }

    /** Looks; true if time stands still at {@code nowPs}. */
    boolean look(long nowPs) {
        nextLook += EVENTS_BETWEEN_LOOKS;
        looks = nowPs == lookedAt ? looks + 1 : 0;
        lookedAt = nowPs;
        return looks == LOOKS_AT_ONE_TIME;
    }
}
