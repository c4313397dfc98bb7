package org.iommusim.sim.trace;

/**
 * Listens to a run. All times are ps; {@code lane} is the name of the lane on which the thing happens. Calls come in
 * the order of simulated execution; within one lane times never decrease.
 */
public interface TraceSink {
    /** A sink that ignores everything. */
    TraceSink NONE = new TraceSink() {};

    /**
     * An atomic step of a program took effect.
     *
     * @param program the program's name, e.g. {@code IOMMU_VDEVICE_ALLOC}
     * @param step the step's stable id inside the program
     */
    default void step(String lane, long timePs, String program, String step) {}

    /** A named piece of work begins on a lane; spans of one lane nest. */
    default void begin(String lane, long timePs, String name) {}

    /** The innermost open span of the lane ends. */
    default void end(String lane, long timePs) {}

    /**
     * Something noteworthy happened at one instant.
     *
     * @param category a stable word such as {@code object}, {@code command}, {@code event}, {@code hotplug}
     * @param text one line for humans
     */
    default void instant(String lane, long timePs, String category, String text) {}

    /** True if this sink wants instants and spans of hot paths; models skip building text for it otherwise. */
    default boolean detailed() {
        return false;
    }
}
