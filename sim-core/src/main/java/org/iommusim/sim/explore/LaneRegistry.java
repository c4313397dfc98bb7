package org.iommusim.sim.explore;

import java.util.Map;
import java.util.TreeMap;

/** The numbers of lanes that several workers share; see {@link LaneNumbers}. Who comes first depends on the workers. */
final class LaneRegistry {
    private final Map<Integer, Integer> numbers = new TreeMap<>();

    /** The number of a lane, a new one if it has none yet. */
    synchronized int number(int lane) {
        Integer known = numbers.get(lane);
        if (known != null) {
            return known;
        }
        int number = numbers.size();
        if (number == LaneNumbers.MOST) {
            throw new IllegalStateException(
                    "more than " + LaneNumbers.MOST + " lanes have transitions: this search keeps"
                            + " them as bits of a long; the stateful search has no such limit");
        }
        numbers.put(lane, number);
        return number;
    }
}
