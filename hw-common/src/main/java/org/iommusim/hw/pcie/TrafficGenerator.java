package org.iommusim.hw.pcie;

import java.util.Arrays;
import org.iommusim.hw.dma.DmaCompletion;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.sim.Simulation;
import org.iommusim.sim.event.EventHandler;
import org.iommusim.sim.event.Lane;
import org.iommusim.sim.event.Phase;
import org.iommusim.sim.program.WaitQueue;
import org.iommusim.sim.random.RandomStream;
import org.iommusim.sim.world.LongCell;
import org.iommusim.sim.world.Variable;

/**
 * Makes DMA requests on a function: sequential, random or strided, in a closed loop (so many outstanding) or an open one
 * (so many per second). Latency is counted from the attempt, so that an open loop's queueing in the device is included. In
 * steady state nothing is allocated: requests are pooled.
 */
public final class TrafficGenerator implements EventHandler, DmaCompletion {
    private static final Variable TRAFFIC = Variable.named("pci.traffic");
    private static final int OP_ATTEMPT = 0;

    private final Simulation sim;
    private final PciFunction function;
    private final TrafficSpec spec;
    private final DmaCompletion observer;
    private final RequestIds ids;
    private final RandomStream random;
    private final Lane lane;
    private final WaitQueue idle;
    private final LongCell started;
    private final LongCell finished;
    private final LongCell running;
    private final int limit;

    private DmaRequest[] pool = new DmaRequest[0];
    private int pooled;
    // Open loop: attempts that wait for a free request, oldest first.
    private DmaRequest[] waiting = new DmaRequest[16];
    private int waitingHead;
    private int waitingCount;
    private int inFlight;
    private long cursor;

    /**
     * Makes a stopped generator.
     *
     * @param observer told of every answered request; the request is reused afterwards
     * @param ids numbers the requests of a run
     */
    public TrafficGenerator(
            Simulation sim, PciFunction function, TrafficSpec spec, RequestIds ids, DmaCompletion observer) {
        this.sim = sim;
        this.function = function;
        this.spec = spec;
        this.ids = ids;
        this.observer = observer;
        random = sim.random().split("traffic/" + function.name() + "/" + spec.name());
        lane = sim.scheduler().newLane(function.name() + " " + spec.name(), Phase.HARDWARE);
        idle = new WaitQueue(sim.world(), function.name() + " " + spec.name() + " idle");
        long id = sim.world().nextInstance() << 2;
        started = new LongCell(sim.world(), TRAFFIC, id, 0);
        finished = new LongCell(sim.world(), TRAFFIC, id + 1, 0);
        running = new LongCell(sim.world(), TRAFFIC, id + 2, 0);
        limit = spec.outstanding() > 0 ? spec.outstanding() : spec.deviceOutstanding();
    }

    /** What it does. */
    public TrafficSpec spec() {
        return spec;
    }

    /** The function that it drives. */
    public PciFunction function() {
        return function;
    }

    /** Where others wait until {@link #done} or {@link #quiet} changes. */
    public WaitQueue idle() {
        return idle;
    }

    /** Requests attempted so far. */
    public long started() {
        return started.get();
    }

    /** True when all of a finite number of requests are answered. */
    public boolean done() {
        return spec.count() > 0 && finished.get() == spec.count();
    }

    /** True when nothing is in flight and nothing more will be attempted unless it is started again. */
    public boolean quiet() {
        return started.get() == finished.get() && (running.get() == 0 || done());
    }

    /** Starts, or goes on after {@link #stop}. */
    public void start() {
        if (running.get() != 0) {
            return;
        }
        running.set(1);
        if (spec.outstanding() == 0) {
            sim.scheduler().after(lane, interval(), this, OP_ATTEMPT, 0);
            return;
        }
        int room = spec.outstanding() - inFlight;
        for (int i = 0; i < room; i++) {
            sim.scheduler().after(lane, 0, this, OP_ATTEMPT, 0);
        }
    }

    /** Attempts nothing more; what is in flight comes back. */
    public void stop() {
        running.set(0);
        if (quiet()) {
            idle.wakeAll();
        }
    }

    @Override
    public void onEvent(int op, long arg) {
        if (running.get() == 0 || spec.count() > 0 && started.get() == spec.count()) {
            return;
        }
        attempt();
        if (spec.outstanding() == 0) {
            sim.scheduler().after(lane, interval(), this, OP_ATTEMPT, 0);
        }
    }

    private long interval() {
        return spec.poisson() ? random.exponentialPs(spec.intervalPs()) : spec.intervalPs();
    }

    private void attempt() {
        started.add(1);
        DmaRequest request = pooled > 0 ? pool[--pooled] : new DmaRequest();
        boolean write = spec.writePercent() > 0 && random.chance(spec.writePercent(), 100);
        request.begin(ids.next(), function.requesterId(), spec.pasid(), nextAddress(), spec.bytes(), write, sim.now());
        request.data(request.id());
        if (inFlight < limit) {
            inFlight++;
            function.issue(request, spec.mode(), this);
        } else {
            enqueue(request);
        }
    }

    private long nextAddress() {
        long places = spec.window() / spec.bytes();
        long offset = cursor;
        switch (spec.pattern()) {
            case RANDOM -> offset = random.nextLong(places) * spec.bytes();
            case SEQUENTIAL -> cursor = (cursor + spec.bytes()) % (places * spec.bytes());
            case STRIDED -> cursor = (cursor + spec.stride()) % (places * spec.bytes());
        }
        return spec.base() + offset;
    }

    @Override
    public void completed(DmaRequest request) {
        inFlight--;
        finished.add(1);
        observer.completed(request);
        if (pooled == pool.length) {
            pool = Arrays.copyOf(pool, Math.max(16, 2 * pooled));
        }
        pool[pooled++] = request;
        if (waitingCount > 0) {
            inFlight++;
            function.issue(dequeue(), spec.mode(), this);
        } else if (spec.outstanding() > 0 && running.get() != 0) {
            sim.scheduler().after(lane, 0, this, OP_ATTEMPT, 0);
        }
        if (quiet()) {
            idle.wakeAll();
        }
    }

    private void enqueue(DmaRequest request) {
        if (waitingCount == waiting.length) {
            DmaRequest[] larger = new DmaRequest[2 * waitingCount];
            for (int i = 0; i < waitingCount; i++) {
                larger[i] = waiting[(waitingHead + i) % waitingCount];
            }
            waiting = larger;
            waitingHead = 0;
        }
        waiting[(waitingHead + waitingCount++) % waiting.length] = request;
    }

    private DmaRequest dequeue() {
        DmaRequest request = waiting[waitingHead];
        waitingHead = (waitingHead + 1) % waiting.length;
        waitingCount--;
        return request;
    }
}
