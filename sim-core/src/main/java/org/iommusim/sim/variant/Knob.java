package org.iommusim.sim.variant;

/**
 * Something that a model can be made to do differently from what it stands for. Declared as a constant beside the model
 * that reads it, which is the only way to name it: there are no misspelt knobs.
 *
 * @param name stable name, e.g. {@code smmuv3.cd-written-before-ste}
 * @param summary what another value does, in one line
 * @param original the value that the real software has; 0 is off
 */
public record Knob(String name, String summary, long original) {
    /** A knob that is off unless a variant turns it on. */
    public static Knob flag(String name, String summary) {
        return new Knob(name, summary, 0);
    }
}
