package org.iommusim.hw.control;

import org.iommusim.hw.walk.RequestPort;
import org.iommusim.sim.event.EventHandler;
import org.iommusim.sim.event.Lane;
import org.iommusim.sim.memory.PhysicalMemory;

/**
 * Writes records of a fixed size into a log in memory, one at a time and in order. Whether the log takes one is asked when its
 * turn comes, and once more when it arrives in memory.
 */
public final class RecordWriter implements EventHandler {
    /** Most words in a record. */
    public static final int MOST_WORDS = 4;

    /** The log. */
    public interface Log {
        /** True if it takes records. */
        boolean usable();

        /** True if there is no room. */
        boolean full();

        /** Where the next record goes. */
        long address();

        /** A record is on its way. */
        default void issued() {}

        /** A record is in memory. */
        void written();

        /** A record, of which these are the first two words (0 if it has one), finds a log that takes none. */
        void dropped(long w0, long w1);

        /** A record finds no room. */
        void overflow(long w0, long w1);

        /** A record could not be written. */
        void unwritable();

        /** A record is written, or will never be. */
        default void settled() {}
    }

    private final Log log;
    private final Lane lane;
    private final RequestPort port;
    private final PhysicalMemory memory;
    private final int words;

    // Records that wait for their turn: a ring. It grows, because no rule bounds it.
    private long[] ring;
    private int first;
    private int count;
    private boolean writing;
    /** Records accepted so far. */
    private long accepted;

    /**
     * Nothing waits.
     *
     * @param lane where writes take their time
     * @param words words of 8 bytes in a record, 1 to {@link #MOST_WORDS}
     */
    public RecordWriter(Log log, Lane lane, RequestPort port, PhysicalMemory memory, int words) {
        this.log = log;
        this.lane = lane;
        this.port = port;
        this.memory = memory;
        this.words = words;
        ring = new long[64 * words];
    }

    /** A record is to be written, later; of its words as many count as records have. */
    public void add(long w0, long w1, long w2, long w3) {
        if (!log.usable()) {
            log.dropped(w0, w1);
            return;
        }
        if (count * words == ring.length) {
            grow();
        }
        int at = place(count);
        for (int word = 0; word < words; word++) {
            ring[at + word] = select(word, w0, w1, w2, w3);
        }
        count++;
        accepted++;
        if (!writing) {
            next();
        }
    }

    private static long select(int word, long w0, long w1, long w2, long w3) {
        return switch (word) {
            case 0 -> w0;
            case 1 -> w1;
            case 2 -> w2;
            default -> w3;
        };
    }

    private int place(int offset) {
        return (first + offset) * words % ring.length;
    }

    private void grow() {
        long[] larger = new long[2 * ring.length];
        int from = place(0);
        System.arraycopy(ring, from, larger, 0, ring.length - from);
        System.arraycopy(ring, 0, larger, ring.length - from, from);
        ring = larger;
        first = 0;
    }

    /** How many records wait for their turn, or are on their way. */
    public int waiting() {
        return count;
    }

    /** A word of one of the {@link #waiting} records, the oldest being number 0. */
    public long word(int record, int word) {
        return ring[place(record) + word];
    }

    private long second() {
        return words > 1 ? word(0, 1) : 0;
    }

    /** How many records have been accepted for writing. */
    public long accepted() {
        return accepted;
    }

    /** True if so many of the records accepted first are written, or will never be. */
    public boolean settled(long number) {
        return accepted - count >= number;
    }

    private void next() {
        writing = false;
        while (count > 0) {
            if (!log.usable()) {
                log.dropped(word(0, 0), second());
            } else if (log.full()) {
                log.overflow(word(0, 0), second());
            } else {
                writing = true;
                long address = log.address();
                log.issued();
                port.write(lane, address, Long.BYTES * words, this, 0, address);
                return;
            }
            forget();
        }
    }

    private void forget() {
        first = (first + 1) % (ring.length / words);
        count--;
        log.settled();
    }

    @Override
    public void onEvent(int op, long address) {
        if (!log.usable()) {
            log.dropped(word(0, 0), second());
        } else if (port.reaches(memory, address, true)) {
            for (int word = 0; word < words; word++) {
                memory.write64(address + (long) Long.BYTES * word, word(0, word));
            }
            log.written();
        } else {
            log.unwritable();
        }
        forget();
        next();
    }
}
