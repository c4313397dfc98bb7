package org.iommusim.hw.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.List;
import java.util.function.LongFunction;
import org.iommusim.hw.dma.DmaCompletion;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.hw.dma.Station;
import org.iommusim.hw.iommu.DeviceBed;
import org.iommusim.sim.event.EventHandler;
import org.iommusim.sim.event.Lane;
import org.iommusim.sim.event.Phase;
import org.iommusim.sim.testkit.Gen;

/**
 * Random changes of tables, random commands of every kind (also of other domains, PASIDs and addresses), and traffic of functions
 * and PASIDs of every kind, all at once. Whenever an access is carried out, the {@link MaintenanceBook} must allow where it ends.
 * A vendor brings spaces, tables and commands.
 */
public abstract class RandomMaintenance<S, P extends MaintenanceBook.Place<S>> implements DmaCompletion, EventHandler {
    /** Pages of each space. */
    protected static final int PAGES = 6;
    /** Where the first place is that a page is given. */
    protected static final long DATA = 0x2000_0000;

    private static final int IN_FLIGHT = 24;
    private static final int ROUNDS = 200;
    private static final int SEEDS = 12;

    protected final Gen gen;
    protected final List<S> spaces;

    private final DeviceBed<?> bed;
    private final MaintenanceBook<S, P> book;
    private final DmaRequest[] requests = new DmaRequest[IN_FLIGHT];
    private final Lane[] lanes = new Lane[IN_FLIGHT];
    /** Waits in the queue: their numbers, and how many commands they stand behind. */
    private final ArrayDeque<long[]> waits = new ArrayDeque<>();

    private long nextPage;
    private long issued;
    private boolean stopped;

    /** Makes a run of a machine that is on; a vendor's constructor ends with {@link #start}. */
    protected RandomMaintenance(Gen gen, DeviceBed<?> bed, List<S> spaces, MaintenanceBook<S, P> book) {
        this.gen = gen;
        this.bed = bed;
        this.spaces = spaces;
        this.book = book;
        for (int i = 0; i < requests.length; i++) {
            requests[i] = new DmaRequest();
            lanes[i] = bed.sim.scheduler().newLane("data " + i, Phase.HARDWARE);
        }
    }

    /** Requester id of who goes by a space. */
    protected abstract int requesterId(S space);

    /** PASID of who goes by a space, or {@link DmaRequest#NO_PASID}. */
    protected abstract int pasid(S space);

    /** Gives a page of a space a place where nothing has been before; returns it for the book. */
    protected abstract P move(int space, int page, long iova, long pa);

    /** Puts a random command into the queue, by {@link #told}. */
    protected abstract void randomCommand();

    /** Puts a command into the queue. */
    protected abstract void put(long w0, long w1);

    /** Asks for completion, has the hardware look at its queue, and returns the number of the wait. */
    protected abstract long putWait();

    /** The last wait that is complete. */
    protected abstract long waited();

    /** True if the hardware says that something was wrong. */
    protected abstract boolean hasErrors();

    /** Gives all pages their first places. */
    protected final void start() {
        for (int i = 0; i < spaces.size(); i++) {
            for (int page = 0; page < PAGES; page++) {
                move(i, page);
            }
        }
    }

    private void move(int i, int page) {
        long pa = DATA + (nextPage++ << 12);
        book.moved(move(i, page, (long) page << 12, pa));
    }

    /** Puts a command into the queue, and into the book. */
    protected final void told(long w0, long w1) {
        put(w0, w1);
        book.issued(w0, w1);
    }

    private void poll() {
        long reached = waited();
        while (!waits.isEmpty() && waits.getFirst()[0] <= reached) {
            book.completed(waits.remove()[1]);
        }
    }

    // ---- traffic

    private void issue(DmaRequest request) {
        if (stopped) {
            return;
        }
        long now = bed.sim.now();
        long iova = gen.below((long) PAGES) << 12 | gen.below(512L) * 8;
        S space = gen.pick(spaces);
        request.begin(issued++, requesterId(space), pasid(space), iova, 8, gen.oneIn(2), now);
        request.issued(now);
        request.enter(Station.FRONT_END, now);
        bed.device.accept(request, this);
    }

    @Override
    public final void completed(DmaRequest request) {
        assertThat(request.outcome().completed())
                .as("%s %x", request.outcome(), request.faultCode())
                .isTrue();
        request.enter(Station.DATA, bed.sim.now());
        int slot = 0;
        while (requests[slot] != request) {
            slot++;
        }
        // Some accesses take longer than a wait that need not wait for them.
        long ps = gen.below(gen.oneIn(3) ? 3_000_000L : 200_000L);
        bed.sim.scheduler().after(lanes[slot], ps, this, 0, slot);
    }

    @Override
    public final void onEvent(int op, long slot) {
        DmaRequest request = requests[(int) slot];
        S space = spaces.stream()
                .filter(s -> requesterId(s) == request.requesterId() && pasid(s) == request.pasid())
                .findFirst()
                .orElseThrow();
        long pa = request.physicalAddress() & -1L << 12;
        if (!book.allows(space, request.iova() & -1L << 12, pa)) {
            throw new WrongPlace(space + ", " + Long.toHexString(request.iova()) + " to " + Long.toHexString(pa)
                    + " at " + bed.sim.now());
        }
        bed.device.carriedOut(request);
        request.answered(bed.sim.now());
        issue(request);
    }

    /** An access has ended where it may not. */
    private static final class WrongPlace extends AssertionError {
        private static final long serialVersionUID = 1;

        WrongPlace(String where) {
            super(where);
        }
    }

    // ---- runs

    private void runFor(long ps) {
        long until = bed.sim.now() + ps;
        while (bed.sim.now() < until && bed.sim.scheduler().step()) {
            poll();
        }
    }

    private void go() {
        for (DmaRequest request : requests) {
            issue(request);
        }
        for (int round = 0; round < ROUNDS; round++) {
            for (int n = gen.below(3); n > 0; n--) {
                move(gen.below(spaces.size()), gen.below(PAGES));
            }
            runFor(gen.below(200_000L));
            for (int n = gen.below(4); n > 0; n--) {
                randomCommand();
            }
            waits.add(new long[] {putWait(), book.commands()});
            runFor(gen.below(gen.oneIn(3) ? 4_000_000L : 100_000L));
            // The queue is small: not too many waits at a time.
            while (waits.size() > (gen.oneIn(2) ? 0 : 2)) {
                assertThat(bed.sim.scheduler().step()).isTrue();
                poll();
            }
        }
        stopped = true;
        bed.run();
        poll();
        assertThat(waits).isEmpty();
        assertThat(hasErrors()).isFalse();
        assertThat(bed.sim.violations().violations()).isEmpty();
    }

    /** Runs with some seeds, all of which must get through, and not because nothing was cached. */
    public static void allGetThrough(LongFunction<RandomMaintenance<?, ?>> runs) {
        long stale = 0;
        for (long seed = 0; seed < SEEDS; seed++) {
            RandomMaintenance<?, ?> run = runs.apply(seed);
            run.go();
            assertThat(run.issued).as("requests of seed %d", seed).isGreaterThan(500);
            stale += run.book.stale();
        }
        assertThat(stale)
                .as("a cache that forgets everything would be too easy")
                .isGreaterThan(1000);
    }

    /** What the book is good for: a device that makes a mistake does not get through with all seeds. */
    public static void oneEndsInAWrongPlace(LongFunction<RandomMaintenance<?, ?>> runs) {
        boolean found = false;
        for (long seed = 0; seed < SEEDS && !found; seed++) {
            try {
                runs.apply(seed).go();
            } catch (AssertionError e) {
                found = e instanceof WrongPlace; // else a checker was faster
            }
        }
        assertThat(found).isTrue();
    }
}
