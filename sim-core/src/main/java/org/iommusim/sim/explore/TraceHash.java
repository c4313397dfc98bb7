package org.iommusim.sim.explore;

import java.util.Arrays;
import org.iommusim.sim.world.Mix;

/**
 * The Mazurkiewicz trace of the present schedule as a number: two schedules of a system have the same hash if one turns
 * into the other by swapping neighbours that do not depend on each other (and, but for collisions of 64 bits, only then).
 *
 * <p>It is the sum over all transitions of a hash of lane, place within the lane and vector clock. Only dependences count,
 * not who scheduled what: that follows from them. So it is computed apart from the order that {@link SourceDpor} uses, and
 * can judge it.
 */
final class TraceHash {
    private final LaneNumbers lanes = new LaneNumbers();
    private final HappensBefore order = new HappensBefore(lanes);
    private long[] sums = new long[64];

    /** Adds the next transition. */
    void add(int lane, Accesses touched, boolean dependsOnAll) {
        int number = lanes.number(lane);
        EventList direct = order.add(number, touched, dependsOnAll);
        for (int i = 0; i < direct.size(); i++) {
            order.order(direct.get(i));
        }
        int event = order.events() - 1;
        if (event + 1 == sums.length) {
            sums = Arrays.copyOf(sums, 2 * sums.length);
        }
        sums[event + 1] = sums[event] + hash(event, lane);
    }

    private long hash(int event, int lane) {
        long hash = Mix.mix(lane + 1L);
        for (int i = 0; i < lanes.count(); i++) {
            int before = order.clock(event, i);
            if (before != 0) {
                hash += Mix.mix((lanes.lane(i) + 1L) << 32 | before);
            }
        }
        return Mix.mix(hash);
    }

    /** Takes back all transitions but the first {@code length}. */
    void backTo(int length) {
        order.backTo(length);
    }

    /** The hash of the schedule so far. */
    long value() {
        return sums[order.events()];
    }
}
