package org.iommusim.smmuv3;

import java.util.ArrayDeque;
import org.iommusim.hw.ats.AtcInvalidations;
import org.iommusim.hw.iommu.AtsEndpoint;
import org.iommusim.hw.iommu.PageRequest;
import org.iommusim.hw.iommu.PageResponse;
import org.iommusim.hw.walk.RequestPort;
import org.iommusim.sim.Simulation;
import org.iommusim.sim.event.EventHandler;
import org.iommusim.sim.event.Lane;
import org.iommusim.sim.event.Phase;
import org.iommusim.sim.memory.PhysicalMemory;
import org.iommusim.sim.stats.Counter;
import org.iommusim.sim.stats.Statistics;
import org.iommusim.sim.trace.TraceSink;
import org.iommusim.smmuv3.spec.Pri;
import org.iommusim.smmuv3.spec.Reg;

/**
 * Writes page requests into the PRI queue, one at a time and in order, and answers those that it cannot write.
 *
 * <p>Rules (Arm IHI 0070, page request queue): while the queue is disabled (PRIQEN or SMMUEN is 0) or PRIQ_ABT_ERR is active,
 * every request is answered with a failure, without a PASID. A request that finds the queue full starts an overflow; while
 * the overflow is not acknowledged nothing is written, even if there is room, and the last request of a group is answered
 * with a success, so that the function tries again. Stop markers are never answered.
 */
final class PriQueue implements EventHandler {
    private static final int OP_WRITE = 0;

    private final AtcInvalidations endpoints;
    private final RegisterFile registers;
    private final QueueRegisters queue;
    private final Interrupts interrupts;
    private final RequestPort port;
    private final PhysicalMemory memory;
    private final TraceSink trace;
    private final Simulation sim;
    private final Lane lane;
    private final ArrayDeque<PageRequest> waiting = new ArrayDeque<>();
    private final Counter recorded;
    private final Counter lost;
    private final Counter autoResponses;
    private boolean writing;

    PriQueue(
            Simulation sim,
            String name,
            AtcInvalidations endpoints,
            RegisterFile registers,
            Interrupts interrupts,
            RequestPort port,
            PhysicalMemory memory) {
        this.sim = sim;
        this.endpoints = endpoints;
        this.registers = registers;
        queue = registers.pageQueue();
        this.interrupts = interrupts;
        this.port = port;
        this.memory = memory;
        trace = sim.trace();
        lane = sim.scheduler().newLane(name + " priq", Phase.HARDWARE);
        Statistics statistics = sim.statistics().under(name + ".priq");
        recorded = statistics.counter("recorded", "requests", "page requests written to the queue");
        lost = statistics.counter("lost", "requests", "page requests that were not written to the queue");
        autoResponses = statistics.counter("auto_responses", "responses", "responses made without software");
    }

    Lane lane() {
        return lane;
    }

    /** A page request has arrived. */
    void arrived(PageRequest request) {
        if (trace.detailed()) {
            trace.instant(lane.name(), sim.now(), "page request", Pri.text(Pri.word0(request), Pri.word1(request)));
        }
        waiting.add(request);
        if (!writing) {
            next();
        }
    }

    private void next() {
        writing = false;
        for (PageRequest request = waiting.peek(); request != null; request = waiting.peek()) {
            if (!usable()) {
                fail(request);
            } else if (queue.overflowing() || queue.full()) {
                overflow(request);
            } else {
                writing = true;
                port.write(lane, queue.producerAddress(), Pri.BYTES, this, OP_WRITE, 0);
                return;
            }
            waiting.remove();
        }
    }

    private boolean usable() {
        return registers.pageRequestsEnabled() && !registers.errorActive(Reg.GERROR_PRIQ_ABT_ERR);
    }

    private void fail(PageRequest request) {
        lost.increment();
        if (!request.stopMarker()) {
            answer(request, -1, PageResponse.RESPONSE_FAILURE);
        }
    }

    private void overflow(PageRequest request) {
        lost.increment();
        queue.overflow();
        if (request.last() && !request.stopMarker()) {
            // IDR3.PPS=1: the PASID of the request, and the STE is not looked at.
            answer(request, request.pasid(), PageResponse.SUCCESS);
        }
    }

    private void answer(PageRequest request, int pasid, PageResponse response) {
        AtsEndpoint endpoint = endpoints.endpoint(request.requesterId());
        if (endpoint != null) {
            autoResponses.increment();
            endpoint.respond(request.group(), pasid, response);
        }
    }

    @Override
    public void onEvent(int op, long arg) {
        PageRequest request = waiting.remove();
        long address = queue.producerAddress();
        if (!registers.pageRequestsEnabled()) {
            fail(request);
        } else if (port.reaches(memory, address, true)) {
            memory.write64(address, Pri.word0(request));
            memory.write64(address + 8, Pri.word1(request));
            advance(request);
        } else {
            registers.raise(Reg.GERROR_PRIQ_ABT_ERR);
            fail(request);
        }
        next();
    }

    private void advance(PageRequest request) {
        recorded.increment();
        boolean empty = queue.empty();
        queue.produced();
        if (registers.pageInterruptOnLast() ? request.last() : empty) {
            interrupts.pageQueue();
        }
    }
}
