package org.iommusim.hw.control;

import java.util.Arrays;
import org.iommusim.hw.walk.RequestPort;
import org.iommusim.sim.event.EventHandler;
import org.iommusim.sim.event.Lane;
import org.iommusim.sim.event.Scheduler;
import org.iommusim.sim.memory.PhysicalMemory;
import org.iommusim.sim.time.ClockDomain;
import org.iommusim.sim.trace.TraceSink;

/**
 * Fetches commands out of a ring in memory, one after the other, and gives each to its vendor to carry out. A command takes
 * its access to memory, some cycles for decoding, and if it is an invalidation some more until that takes effect. The next one
 * is fetched when the vendor says that it is done with this one.
 */
public final class CommandLoop implements EventHandler {
    /** Most words of 8 bytes in a command. */
    public static final int MOST_WORDS = 4;

    private static final int OP_START = 0;
    private static final int OP_FETCHED = 1;
    private static final int OP_DECODED = 2;
    private static final int OP_INVALIDATED = 3;

    /** The ring, and what its commands are. */
    public interface Client {
        /** True if the next command is to be fetched. */
        boolean ready();

        /** True if it can be; otherwise its error has been told. Asked only if it is to be fetched. */
        default boolean sound() {
            return true;
        }

        /** Where the next command lies. */
        long address();

        /** How many bytes it has. */
        int bytes();

        /** True if a command that has been fetched, and not carried out, is to stay where it is. */
        default boolean stopped() {
            return false;
        }

        /** There is no command that could be read: the error is to be told. */
        void unreadable(long address);

        /**
         * Carries out a command, or tells what is wrong with it. One call of {@link CommandLoop#done}, {@link
         * CommandLoop#refused} or {@link CommandLoop#invalidate} must follow, now or later.
         *
         * @param words words that the command does not have are 0
         */
        void decoded(long[] words);

        /** The invalidation that the command under way asks for takes effect. */
        void invalidated();

        /** Nothing is being fetched or carried out any more. */
        default void idle() {}

        /** A command, for people. */
        String text(long[] words);
    }

    private final Client client;
    private final Scheduler scheduler;
    private final ClockDomain clock;
    private final Lane lane;
    private final RequestPort port;
    private final PhysicalMemory memory;
    private final TraceSink trace;
    private final int decodeCycles;
    private final int invalidateCycles;
    private final long[] words = new long[MOST_WORDS];
    private boolean working;
    private long at;

    /**
     * Nothing is being fetched.
     *
     * @param lane where everything takes its time
     * @param decodeCycles for decoding a command; {@code invalidateCycles} for carrying an invalidation to all caches
     */
    public CommandLoop(
            Client client,
            Scheduler scheduler,
            TraceSink trace,
            ClockDomain clock,
            Lane lane,
            RequestPort port,
            PhysicalMemory memory,
            int decodeCycles,
            int invalidateCycles) {
        this.client = client;
        this.scheduler = scheduler;
        this.trace = trace;
        this.clock = clock;
        this.lane = lane;
        this.port = port;
        this.memory = memory;
        this.decodeCycles = decodeCycles;
        this.invalidateCycles = invalidateCycles;
    }

    /** Where everything takes its time. */
    public Lane lane() {
        return lane;
    }

    /** True while a command is being fetched or carried out. */
    public boolean working() {
        return working;
    }

    /** Where the command under way was fetched. */
    public long at() {
        return at;
    }

    /** The command under way. */
    public long[] words() {
        return words;
    }

    /** Something changed that may let the loop go on. */
    public void wake() {
        if (!working && client.ready()) {
            working = true;
            after(1, OP_START);
        }
    }

    /** The command under way is carried out, as far as those behind it wait for it. */
    public void done() {
        traceEnd();
        fetch();
    }

    /** The command under way is in error, or given up. */
    public void refused() {
        traceEnd();
        idle();
    }

    /** The command under way invalidates something, which takes its time. */
    public void invalidate() {
        if (invalidateCycles == 0) {
            invalidated();
        } else {
            after(invalidateCycles, OP_INVALIDATED);
        }
    }

    private void after(int cycles, int op) {
        scheduler.at(lane, clock.edgeAtOrAfter(scheduler.now()) + clock.cycles(cycles), this, op, 0);
    }

    @Override
    public void onEvent(int op, long arg) {
        switch (op) {
            case OP_START -> fetch();
            case OP_FETCHED -> fetched();
            case OP_DECODED -> decoded();
            case OP_INVALIDATED -> invalidated();
            default -> throw new IllegalArgumentException("command loop op " + op);
        }
    }

    private void fetch() {
        if (!client.ready() || !client.sound()) {
            idle();
            return;
        }
        at = client.address();
        port.read(lane, at, client.bytes(), this, OP_FETCHED, 0);
    }

    /** What is left over of the last command would tell states apart that are the same. */
    private void idle() {
        working = false;
        at = 0;
        Arrays.fill(words, 0);
        client.idle();
    }

    private void fetched() {
        if (client.stopped()) {
            idle();
        } else if (port.reaches(memory, at, false)) {
            take();
        } else {
            client.unreadable(at);
            idle();
        }
    }

    private void take() {
        for (int i = 0; i < words.length; i++) {
            words[i] = Long.BYTES * i < client.bytes() ? memory.read64(at + (long) Long.BYTES * i) : 0;
        }
        if (trace.detailed()) {
            trace.begin(lane.name(), scheduler.now(), client.text(words));
        }
        if (decodeCycles == 0) {
            decoded();
        } else {
            after(decodeCycles, OP_DECODED);
        }
    }

    private void decoded() {
        if (client.stopped()) {
            refused();
        } else {
            client.decoded(words);
        }
    }

    private void invalidated() {
        client.invalidated();
        done();
    }

    private void traceEnd() {
        if (trace.detailed()) {
            trace.end(lane.name(), scheduler.now());
        }
    }
}
