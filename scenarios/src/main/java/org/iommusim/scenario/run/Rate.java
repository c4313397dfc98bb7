package org.iommusim.scenario.run;

/**
 * How fast requests were answered.
 *
 * @param answered how many, however they ended
 * @param firstPs when the first one was answered
 * @param lastPs when the last one was
 */
public record Rate(long answered, long firstPs, long lastPs) {
    private static final double PS_PER_S = 1e12;

    /** Requests answered in a second between the first answer and the last, that is behind the first; 0 if there is no between. */
    public long perSecond() {
        return lastPs <= firstPs ? 0 : Math.round((answered - 1) * PS_PER_S / (lastPs - firstPs));
    }
}
