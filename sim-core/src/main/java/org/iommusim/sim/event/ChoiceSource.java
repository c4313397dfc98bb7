package org.iommusim.sim.event;

/** Answers choice points: the only source of nondeterminism in an exploration. */
public interface ChoiceSource {
    /**
     * Picks one of several ways to go on.
     *
     * @param what what is being chosen, for humans, e.g. {@code lane}
     * @param alternatives how many there are, at least 1
     * @return a number from 0 to {@code alternatives - 1}
     */
    int choose(String what, int alternatives);
}
