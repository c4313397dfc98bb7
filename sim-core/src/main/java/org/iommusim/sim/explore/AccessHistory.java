package org.iommusim.sim.explore;

import java.util.Arrays;

/**
 * What the transitions of the present schedule touched. Each access is chained to the one before it of the same variable,
 * so the transitions on which a new one depends directly are found without looking at all of them.
 *
 * <p>For dependence, a transition that reads and writes a variable is a writer. Events are numbered by their place in the
 * schedule. Sets of variables are kept as 64 bits, where bit n stands for all variables whose number modulo 64 is n.
 */
final class AccessHistory {
    /** In an item: the variable was read. */
    static final int READ = 1;
    /** In an item: the variable was written. */
    static final int WRITE = 2;

    private static final int NONE = -1;

    private final VariableNumbers variables = new VariableNumbers();
    /** Four times the variable's number, plus {@link #READ}, {@link #WRITE} or both. */
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
        long written = 0;
        for (int i = 0; i < accesses.writes(); i++) {
            written |= append(accesses.written(i), WRITE);
        }
        long read = 0;
        for (int i = 0; i < accesses.reads(); i++) {
            int variable = variables.number(accesses.read(i));
            int item = (written & 1L << variable) == 0 ? NONE : find(begin, variable);
            if (item == NONE) {
                append(accesses.read(i), READ);
            } else {
                items[item] |= READ;
            }
            read |= 1L << variable;
        }
        readSets[events] = read;
        writeSets[events] = written;
        begins[events++] = begin;
        begins[events] = count;
    }

    private int find(int begin, int variable) {
        for (int i = begin; i < count; i++) {
            if (items[i] >> 2 == variable) {
                return i;
            }
        }
        return NONE;
    }

    /** Adds an item; gives the set of its variable. */
    private long append(long key, int how) {
        int variable = variables.number(key);
        if (variable >= latest.length) {
            int known = latest.length;
            latest = Arrays.copyOf(latest, 2 * variable + 16);
            Arrays.fill(latest, known, latest.length, NONE);
        }
        items[count] = variable << 2 | how;
        previous[count] = latest[variable];
        owners[count] = events;
        latest[variable] = count++;
        return 1L << variable;
    }

    /** Takes back all events from this one on. */
    void backTo(int event) {
        int begin = begins[event];
        while (count > begin) {
            count--;
            latest[items[count] >> 2] = previous[count];
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
            boolean write = (items[i] & WRITE) != 0;
            for (int j = previous[i]; j != NONE; j = previous[j]) {
                boolean writer = (items[j] & WRITE) != 0;
                if (write || writer) {
                    into.add(owners[j]);
                }
                if (writer) {
                    break;
                }
            }
        }
    }

    /** True if an event read something that an earlier one wrote, so that without that it might do something else. */
    boolean observes(int event, int earlier) {
        if ((readSets[event] & writeSets[earlier]) == 0) {
            return false;
        }
        for (int i = begins[event]; i < begins[event + 1]; i++) {
            for (int j = begins[earlier]; j < begins[earlier + 1]; j++) {
                boolean pair = (items[i] & READ) != 0 && (items[j] & WRITE) != 0;
                if (pair && items[i] >> 2 == items[j] >> 2) {
                    return true;
                }
            }
        }
        return false;
    }

    /** The set of variables that an event read. */
    long readSet(int event) {
        return readSets[event];
    }

    /** The set of variables that an event wrote. */
    long writeSet(int event) {
        return writeSets[event];
    }

    /** Number of variables that an event touched. */
    int items(int event) {
        return begins[event + 1] - begins[event];
    }

    /** The i-th variable that an event touched: four times its number, plus {@link #READ}, {@link #WRITE} or both. */
    int item(int event, int i) {
        return items[begins[event] + i];
    }
}
