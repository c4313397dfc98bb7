package org.iommusim.scenario.explore;

/**
 * Something that a transition did.
 *
 * @param kind what it is
 * @param program the program's name; of a call, the verb; empty for other kinds
 * @param text the step; of a call, its fields or its answer; of a change, what changed
 */
public record ScheduleLine(Kind kind, String program, String text) {
    /** What a transition does. */
    public enum Kind {
        /** A step of a script begins. */
        CALL,
        /** An atomic step of a program. */
        STEP,
        /** A step of a script has ended. */
        RETURN,
        /** An object or a device has changed. */
        CHANGE,
        /** Hardware did something. */
        HARDWARE
    }
}
