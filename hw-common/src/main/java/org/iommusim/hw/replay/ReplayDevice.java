package org.iommusim.hw.replay;

import org.iommusim.hw.dma.DmaCompletion;
import org.iommusim.hw.dma.DmaOutcome;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.hw.dma.DmaSource;
import org.iommusim.hw.dma.Station;
import org.iommusim.hw.iommu.IommuDevice;
import org.iommusim.sim.Simulation;
import org.iommusim.sim.event.EventHandler;
import org.iommusim.sim.event.Lane;
import org.iommusim.sim.event.Phase;
import org.iommusim.sim.event.Scheduler;
import org.iommusim.sim.memory.MemoryPort;
import org.iommusim.sim.memory.PhysicalMemory;
import org.iommusim.sim.time.ClockDomain;
import org.iommusim.sim.time.ClockEdges;
import org.iommusim.sim.world.Timing;

/**
 * Plays a {@link Recording} in a closed loop, as a device that stands directly at an IOMMU's door.
 *
 * <p>It makes at most one request per cycle and has at most so many in flight. What is refused is offered again when the
 * IOMMU says so, in that same event. Reads and writes are both answered: the answer reaches the device one cycle of the
 * door after the door's first edge at or after the memory's answer, and answers of one cycle follow each other at a
 * distance of 1 ps, because the queue that they leave sends one at a time. The cycle after an answer is the first in which
 * its place can be taken. In steady state nothing is allocated.
 */
public final class ReplayDevice implements EventHandler, DmaCompletion, DmaSource {
    private static final int OP_SEND = 0;
    private static final int OP_DATA = 1;
    private static final int OP_ANSWER = 2;

    private final Scheduler scheduler;
    private final ReplaySpec spec;
    private final ClockEdges edges;
    private final ClockEdges answerEdges;
    private final IommuDevice iommu;
    private final PhysicalMemory memory;
    private final MemoryPort port;
    private final DmaCompletion observer;
    private final Lane sending;
    private final Lane answering;

    private final DmaRequest[] requests;
    private final int[] freeSlots;
    private int freeCount;

    // Requests whose data is there, by slot, in the order in which they are answered.
    private final int[] answers;

    @Timing
    private final long[] answerDue;

    private int firstAnswer;
    private int answerCount;

    /** The request that is offered, perhaps not for the first time. */
    private DmaRequest offered;

    private int next;
    private int inFlight;
    private int finished;
    private boolean sendPending;
    private boolean refused;

    @Timing
    private long attemptedAt;

    @Timing
    private long earliest;

    /**
     * Makes a device that waits to be started.
     *
     * @param observer told of every answered request, whose id is its place in the recording; it is reused afterwards
     */
    public ReplayDevice(
            Simulation sim,
            String name,
            ReplaySpec spec,
            IommuDevice iommu,
            PhysicalMemory memory,
            MemoryPort port,
            DmaCompletion observer) {
        scheduler = sim.scheduler();
        this.spec = spec;
        this.iommu = iommu;
        this.memory = memory;
        this.port = port;
        this.observer = observer;
        edges = new ClockEdges(new ClockDomain(spec.cyclePs()));
        long answerPs = iommu.answerCyclePs();
        answerEdges = new ClockEdges(new ClockDomain(answerPs == 0 ? spec.cyclePs() : answerPs));
        sending = scheduler.newLane(name + " requests", Phase.HARDWARE);
        answering = scheduler.newLane(name + " answers", Phase.HARDWARE);
        requests = new DmaRequest[spec.outstanding()];
        freeSlots = new int[spec.outstanding()];
        answers = new int[spec.outstanding()];
        answerDue = new long[spec.outstanding()];
        for (int slot = spec.outstanding() - 1; slot >= 0; slot--) {
            requests[slot] = new DmaRequest();
            freeSlots[freeCount++] = slot;
        }
        offered = requests[0];
    }

    /** How it plays what. */
    public ReplaySpec spec() {
        return spec;
    }

    /** True when every request is answered. */
    public boolean done() {
        return finished == spec.recording().count();
    }

    /** Schedules the first request. */
    public void start() {
        sendAt(Math.max(spec.startPs(), scheduler.now()));
    }

    @Override
    public void onEvent(int op, long arg) {
        switch (op) {
            case OP_SEND -> {
                sendPending = false;
                attemptedAt = scheduler.now();
                send();
            }
            case OP_DATA -> dataMoved((int) arg);
            case OP_ANSWER -> answerFirst();
            default -> throw new IllegalArgumentException("replay op " + op);
        }
    }

    @Override
    public void retry() {
        refused = false;
        offer();
    }

    private void sendAt(long time) {
        sendPending = true;
        scheduler.at(sending, time, this, OP_SEND, 0);
    }

    /** The next request's event, if there is room for one and nothing is under way already. */
    private void goOn() {
        if (sendPending || refused || next == spec.recording().count() || inFlight == spec.outstanding()) {
            return;
        }
        sendAt(Math.max(edges.atOrAfter(scheduler.now() + 1), earliest));
    }

    private void send() {
        Recording r = spec.recording();
        int slot = freeSlots[--freeCount];
        DmaRequest request = requests[slot];
        int substream = r.substream(next);
        request.begin(
                next,
                r.stream(next),
                substream == 0 ? DmaRequest.NO_PASID : substream,
                r.address(next),
                r.bytes(next),
                r.write(next),
                attemptedAt);
        request.order(next % spec.orderIds());
        request.door(spec.door());
        request.data(next);
        request.slot(slot);
        offered = request;
        offer();
    }

    private void offer() {
        DmaRequest request = offered;
        long now = scheduler.now();
        request.issued(now);
        request.enter(Station.FRONT_END, now);
        if (!iommu.offer(request, this, this)) {
            request.enter(Station.DEVICE_QUEUE, now);
            refused = true;
            return;
        }
        inFlight++;
        next++;
        Recording r = spec.recording();
        if (next < r.count()) {
            earliest = edges.after(now + 1, r.gap(next));
        }
        goOn();
    }

    // ---- translated

    @Override
    public void completed(DmaRequest request) {
        if (request.outcome().completed()) {
            request.enter(Station.DATA, scheduler.now());
            port.access(request.physicalAddress(), request.bytes(), this, OP_DATA, request.slot());
        } else {
            answer(request);
        }
    }

    private void dataMoved(int slot) {
        DmaRequest request = requests[slot];
        long address = request.physicalAddress();
        if (!memory.present(address)) {
            request.fail(DmaOutcome.BUS_ERROR);
        } else if (request.write()) {
            memory.write64(address & -8L, request.data());
        } else {
            request.data(memory.read64(address & -8L));
        }
        iommu.carriedOut(request);
        answer(request);
    }

    // ---- answered

    private void answer(DmaRequest request) {
        request.enter(Station.LINK_DOWN, scheduler.now());
        long due = answerEdges.after(scheduler.now(), 1);
        int last = (firstAnswer + answerCount) % answers.length;
        answers[last] = request.slot();
        answerDue[last] = due;
        answerCount++;
        if (answerCount == 1) {
            scheduler.at(answering, due, this, OP_ANSWER, 0);
        }
    }

    private void answerFirst() {
        DmaRequest request = requests[answers[firstAnswer]];
        firstAnswer = (firstAnswer + 1) % answers.length;
        answerCount--;
        request.answered(scheduler.now());
        observer.completed(request);
        freeSlots[freeCount++] = request.slot();
        inFlight--;
        finished++;
        goOn();
        if (answerCount > 0) {
            long due = Math.max(scheduler.now() + 1, answerDue[firstAnswer]);
            scheduler.at(answering, due, this, OP_ANSWER, 0);
        }
    }
}
