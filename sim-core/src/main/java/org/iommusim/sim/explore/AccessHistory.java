package org.iommusim.sim.explore;

import java.util.Arrays;

/**
 * What the transitions of the present schedule touched. Each access is chained to the one before it of the same variable,
 * so the transitions on which a new one depends directly are found without looking at all of them.
 *
 * <p>A transition that reads and writes a variable counts as a writer. Events are numbered by their place in the schedule.
 */
final class AccessHistory {
    private static final int NONE = -1;

    private final VariableNumbers variables = new VariableNumbers();
    /** Twice the variable's number, plus 1 for a write. */
    private int[] items = new int[256];

    private int[] previous = new int[256];
    private int[] owners = new int[256];
    private int count;
    /** Where each event's items begin. */
    private int[] begins = new int[64];
    /** The last item of each variable. */
    private int[] latest = new int[0];

    private int events;
    private long[] readSets = new long[64];
    private long[] writeSets = new long[64];

    /** How many different variables were seen so far. */
    int variables() {
        return variables.count();
    }

    /** Adds the next event. */
    void add(Accesses accesses) {
        if (events + 1 >= begins.length) {
            begins = Arrays.copyOf(begins, 2 * begins.length);
            readSets = Arrays.copyOf(readSets, begins.length);
            writeSets = Arrays.copyOf(writeSets, begins.length);
        }
        int most = count + accesses.writes() + accesses.reads();
        if (most > items.length) {
            items = Arrays.copyOf(items, 2 * most);
            previous = Arrays.copyOf(previous, items.length);
            owners = Arrays.copyOf(owners, items.length);
        }
        int begin = count;
        long set = 0;
        for (int i = 0; i < accesses.writes(); i++) {
            int variable = variables.number(accesses.written(i));
            append(variable, 1);
            set |= 1L << variable;
        }
        writeSets[events] = set;
        addReads(accesses, begin, set);
        begins[events++] = begin;
        begins[events] = count;
    }

    private void addReads(Accesses accesses, int begin, long written) {
        long set = 0;
        for (int i = 0; i < accesses.reads(); i++) {
            int variable = variables.number(accesses.read(i));
            if ((written & 1L << variable) == 0 || !writes(begin, variable)) {
                append(variable, 0);
                set |= 1L << variable;
            }
        }
        readSets[events] = set;
    }

    private boolean writes(int begin, int variable) {
        for (int i = begin; i < count; i++) {
            if (items[i] == 2 * variable + 1) {
                return true;
            }
        }
        return false;
    }

    private void append(int variable, int write) {
        if (variable >= latest.length) {
            int known = latest.length;
            latest = Arrays.copyOf(latest, 2 * variable + 16);
            Arrays.fill(latest, known, latest.length, NONE);
        }
        items[count] = 2 * variable + write;
        previous[count] = latest[variable];
        owners[count] = events;
        latest[variable] = count++;
    }

    /** Takes back all events from this one on. */
    void backTo(int event) {
        int begin = begins[event];
        while (count > begin) {
            count--;
            latest[items[count] >> 1] = previous[count];
        }
        events = event;
    }

    /**
     * The events on which the last one depends directly: for what it reads the last writer, for what it writes the last
     * writer and those who have read since.
     *
     * @param into takes them, newest first, without repetition; empty before
     */
    void dependences(EventList into) {
        for (int i = begins[events - 1]; i < count; i++) {
            boolean write = (items[i] & 1) != 0;
            for (int j = previous[i]; j != NONE; j = previous[j]) {
                boolean writer = (items[j] & 1) != 0;
                if (write || writer) {
                    into.add(owners[j]);
                }
                if (writer) {
                    break;
                }
            }
        }
    }

    /** Variables that an event read and did not write: bit n stands for all with number n modulo 64. */
    long readSet(int event) {
        return readSets[event];
    }

    /** Variables that an event wrote, as in {@link #readSet}. */
    long writeSet(int event) {
        return writeSets[event];
    }

    /** Number of variables that an event touched. */
    int items(int event) {
        return begins[event + 1] - begins[event];
    }

    /** Twice the number of the i-th variable that an event touched, plus 1 if it wrote it. */
    int item(int event, int i) {
        return items[begins[event] + i];
    }
}
