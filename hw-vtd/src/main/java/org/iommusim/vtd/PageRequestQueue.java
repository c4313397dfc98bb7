package org.iommusim.vtd;

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
import org.iommusim.vtd.spec.PageReq;
import org.iommusim.vtd.spec.Reg;
import org.jspecify.annotations.Nullable;

/**
 * Writes page requests into the page request queue, one at a time and in order, and answers those that it cannot write.
 *
 * <p>Rules (recoverable faults; register descriptions of PRS and PECTL): first the request's configuration is looked at
 * ({@link Check}); a request that may not be made is answered with what the check says. A request that finds the queue full
 * (one entry stays unused) sets PRO. While PRO is set nothing is written, even if there is room: the last request of a group
 * is answered with a success, so that the function asks again, and the others are dropped. A request that cannot be written
 * to memory is answered with a failure. A stop marker, and a request that is not the last of its group, is never answered.
 * Writing the last request of a group sets PPR, which interrupts unless it was set.
 */
final class PageRequestQueue implements EventHandler {
    private static final int OP_WRITE = 0;

    /** Who knows whether a function may make page requests. */
    interface Check {
        /** Looks a request up, and calls {@link PageRequestQueue#checked} once, now or later. */
        void check(PageRequest request);
    }

    private final AtcInvalidations endpoints;
    private final RegisterFile registers;
    private final Interrupts interrupts;
    private final RequestPort port;
    private final PhysicalMemory memory;
    private final TraceSink trace;
    private final Simulation sim;
    private final Lane lane;
    private final Check check;
    private final ArrayDeque<PageRequest> waiting = new ArrayDeque<>();
    private final Counter recorded;
    private final Counter lost;
    private final Counter autoResponses;
    /** The first request is being checked or written. */
    private boolean working;

    private Runnable settled = () -> {};

    PageRequestQueue(
            Simulation sim,
            String name,
            Check check,
            AtcInvalidations endpoints,
            RegisterFile registers,
            Interrupts interrupts,
            RequestPort port,
            PhysicalMemory memory) {
        this.sim = sim;
        this.check = check;
        this.endpoints = endpoints;
        this.registers = registers;
        this.interrupts = interrupts;
        this.port = port;
        this.memory = memory;
        trace = sim.trace();
        lane = sim.scheduler().newLane(name + " prq", Phase.HARDWARE);
        Statistics statistics = sim.statistics().under(name + ".prq");
        recorded = statistics.counter("recorded", "requests", "page requests written to the queue");
        lost = statistics.counter("lost", "requests", "page requests that were not written to the queue");
        autoResponses = statistics.counter("auto_responses", "responses", "responses made without software");
    }

    Lane lane() {
        return lane;
    }

    /** Who is told whenever a request is written or dropped. */
    void whenSettled(Runnable client) {
        settled = client;
    }

    /** How many requests have arrived that are neither written nor dropped. */
    int pending() {
        return waiting.size();
    }

    /** A page request has arrived. */
    void arrived(PageRequest request) {
        if (trace.detailed()) {
            trace.instant(
                    lane.name(),
                    sim.now(),
                    "page request",
                    PageReq.text(PageReq.word0(request), PageReq.word1(request)));
        }
        waiting.add(request);
        next();
    }

    private void next() {
        PageRequest request = waiting.peek();
        if (!working && request != null) {
            working = true;
            check.check(request);
        }
    }

    /** The first request has been looked up; {@code refusal} is the answer if it may not be made, else {@code null}. */
    void checked(@Nullable PageResponse refusal) {
        PageRequest request = waiting.element();
        if (refusal != null) {
            lose(request, refusal);
        } else if (overflowing() || full()) {
            registers.show(Reg.PRS, registers.get(Reg.PRS) | Reg.PRS_PRO);
            lose(request, PageResponse.SUCCESS);
        } else {
            port.write(lane, address(), PageReq.BYTES, this, OP_WRITE, 0);
        }
    }

    private boolean overflowing() {
        return (registers.get(Reg.PRS) & Reg.PRS_PRO) != 0;
    }

    private boolean full() {
        return following() == registers.get(Reg.PQH);
    }

    private long bytes() {
        return Reg.pqBytes(registers.get64(Reg.PQA));
    }

    private int following() {
        return (int) (registers.get(Reg.PQT) + PageReq.BYTES & bytes() - 1);
    }

    private long address() {
        return (registers.get64(Reg.PQA) & Reg.PQA_BASE) + registers.get(Reg.PQT);
    }

    private void lose(PageRequest request, PageResponse response) {
        lost.increment();
        AtsEndpoint endpoint = endpoints.endpoint(request.requesterId());
        if (request.last() && !request.stopMarker() && endpoint != null) {
            autoResponses.increment();
            endpoint.respond(request.group(), request.pasid(), response);
        }
        done();
    }

    private void done() {
        waiting.remove();
        working = false;
        settled.run();
        next();
    }

    @Override
    public void onEvent(int op, long arg) {
        PageRequest request = waiting.element();
        long address = address();
        if (!port.reaches(memory, address, true)) {
            lose(request, PageResponse.RESPONSE_FAILURE);
            return;
        }
        memory.write64(address, PageReq.word0(request));
        memory.write64(address + 8, PageReq.word1(request));
        memory.write64(address + 16, 0);
        memory.write64(address + 24, 0);
        recorded.increment();
        registers.show(Reg.PQT, following());
        if (request.last()) {
            lastOfGroup();
        }
        done();
    }

    private void lastOfGroup() {
        int status = registers.get(Reg.PRS);
        if ((status & Reg.PRS_PPR) == 0) {
            registers.show(Reg.PRS, status | Reg.PRS_PPR);
            interrupts.pageRequest().raise();
        }
    }
}
