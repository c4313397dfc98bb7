package org.iommusim.sim.explore;

import java.util.Arrays;
import org.iommusim.sim.random.RandomStream;

/**
 * Partial order sampling (Yuan, Yang, Gu, "Partial order aware concurrency sampling", CAV 2018): each pending transition has
 * a random priority, the highest runs, and those that depend on it draw again; so racing transitions come in either order
 * with about the same probability, however long their lanes are.
 *
 * <p>What a pending transition will touch is not known before it runs. What the transition at the same place of the same
 * lane touched in the last schedule that had one stands for it; where there was none yet, nothing is drawn again.
 */
final class PosPicker implements SchedulePicker {
    private final RandomStream random;
    private final VariableNumbers variables = new VariableNumbers();
    /** By lane; 0 means to be drawn. */
    private long[] priorities = new long[0];
    /** How many transitions of each lane ran in this schedule. */
    private int[] places = new int[0];
    /** By lane and place, sets of variables as in {@link AccessHistory}. */
    private long[][] reads = new long[0][];

    private long[][] writes = new long[0][];

    PosPicker(RandomStream random) {
        this.random = random;
    }

    @Override
    public void begin(int longest) {
        Arrays.fill(priorities, 0);
        Arrays.fill(places, 0);
    }

    @Override
    public int pick(int[] enabled, int count, int depth) {
        if (enabled[count - 1] >= places.length) {
            makeRoom(2 * enabled[count - 1] + 1);
        }
        int best = -1;
        for (int i = 0; i < count; i++) {
            int lane = enabled[i];
            if (priorities[lane] == 0) {
                priorities[lane] = random.nextLong() >>> 1 | 1;
            }
            if (best < 0 || priorities[lane] > priorities[best]) {
                best = lane;
            }
        }
        return best;
    }

    private void makeRoom(int lanes) {
        int known = places.length;
        priorities = Arrays.copyOf(priorities, lanes);
        places = Arrays.copyOf(places, lanes);
        reads = Arrays.copyOf(reads, lanes);
        writes = Arrays.copyOf(writes, lanes);
        for (int i = known; i < lanes; i++) {
            reads[i] = new long[16];
            writes[i] = new long[16];
        }
    }

    @Override
    public void ran(int lane, Accesses touched) {
        long read = 0;
        for (int i = 0; i < touched.reads(); i++) {
            read |= 1L << variables.number(touched.read(i));
        }
        long written = 0;
        for (int i = 0; i < touched.writes(); i++) {
            written |= 1L << variables.number(touched.written(i));
        }
        int place = places[lane]++;
        if (place + 1 >= reads[lane].length) {
            reads[lane] = Arrays.copyOf(reads[lane], 2 * place + 2);
            writes[lane] = Arrays.copyOf(writes[lane], 2 * place + 2);
        }
        reads[lane][place] = read;
        writes[lane][place] = written;
        priorities[lane] = 0;
        for (int other = 0; other < places.length; other++) {
            int next = places[other];
            if ((written & (reads[other][next] | writes[other][next])) != 0 || (read & writes[other][next]) != 0) {
                priorities[other] = 0;
            }
        }
    }
}
