package org.iommusim.vtd;

import org.iommusim.hw.ats.AtcInvalidations;
import org.iommusim.hw.control.PageRequestLog;
import org.iommusim.hw.iommu.PageRequest;
import org.iommusim.hw.iommu.PageResponse;
import org.iommusim.hw.walk.RequestPort;
import org.iommusim.sim.Simulation;
import org.iommusim.sim.event.Lane;
import org.iommusim.sim.event.Phase;
import org.iommusim.sim.memory.PhysicalMemory;
import org.iommusim.sim.trace.TraceSink;
import org.iommusim.vtd.spec.PageReq;
import org.iommusim.vtd.spec.Reg;
import org.jspecify.annotations.Nullable;

/**
 * The page request queue: writes page requests, and answers those that it cannot write.
 *
 * <p>Rules (recoverable faults; register descriptions of PRS and PECTL): a request that may not be made is answered with what
 * the check says. A request that finds the queue full (one entry stays unused) sets PRO. While PRO is set nothing is written,
 * even if there is room: the last request of a group is answered with a success, so that the function asks again, and the
 * others are dropped. A request that cannot be written is answered with a failure. A stop marker, and a request that is not the
 * last of its group, is never answered. Writing the last request of a group sets PPR, which interrupts unless it was set.
 */
final class PageRequestQueue implements PageRequestLog.Rules {
    /** Who knows whether a function may make page requests. */
    interface Check {
        /** Looks a request up, and calls {@link PageRequestQueue#checked} once, now or later. */
        void check(PageRequest request);
    }

    private final RegisterFile registers;
    private final Interrupts interrupts;
    private final TraceSink trace;
    private final Simulation sim;
    private final Check check;
    private final PageRequestLog log;

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
        this.registers = registers;
        this.interrupts = interrupts;
        trace = sim.trace();
        Lane lane = sim.scheduler().newLane(name + " prq", Phase.HARDWARE);
        log = new PageRequestLog(
                this, endpoints, lane, port, memory, sim.statistics().under(name + ".prq"));
    }

    /** Who is told whenever a request is written or dropped. */
    void whenSettled(Runnable client) {
        log.whenSettled(client);
    }

    /** How many requests have arrived that are neither written nor dropped. */
    int pending() {
        return log.pending();
    }

    /** A page request has arrived. */
    void arrived(PageRequest request) {
        if (trace.detailed()) {
            trace.instant(
                    log.lane().name(),
                    sim.now(),
                    "page request",
                    PageReq.text(PageReq.word0(request), PageReq.word1(request)));
        }
        log.arrived(request);
    }

    /** The first request has been looked up; {@code refusal} is the answer if it may not be made, else {@code null}. */
    void checked(@Nullable PageResponse refusal) {
        log.checked(refusal);
    }

    @Override
    public void check(PageRequest request) {
        check.check(request);
    }

    @Override
    public void refused(PageRequest request, PageResponse refusal) {
        log.answer(request, request.pasid(), refusal);
    }

    @Override
    public void unwritable(PageRequest request) {
        log.answer(request, request.pasid(), PageResponse.RESPONSE_FAILURE);
    }

    @Override
    public boolean takes(PageRequest request) {
        if (!overflowing() && !full()) {
            return true;
        }
        registers.show(Reg.PRS, registers.get(Reg.PRS) | Reg.PRS_PRO);
        log.answer(request, request.pasid(), PageResponse.SUCCESS);
        return false;
    }

    private boolean overflowing() {
        return (registers.get(Reg.PRS) & Reg.PRS_PRO) != 0;
    }

    private boolean full() {
        return following() == registers.get(Reg.PQH);
    }

    private int following() {
        long bytes = Reg.pqBytes(registers.get64(Reg.PQA));
        return (int) (registers.get(Reg.PQT) + PageReq.BYTES & bytes - 1);
    }

    @Override
    public long address() {
        return (registers.get64(Reg.PQA) & Reg.PQA_BASE) + registers.get(Reg.PQT);
    }

    @Override
    public int bytes() {
        return PageReq.BYTES;
    }

    @Override
    public void write(PhysicalMemory memory, long address, PageRequest request) {
        memory.write64(address, PageReq.word0(request));
        memory.write64(address + 8, PageReq.word1(request));
        memory.write64(address + 16, 0);
        memory.write64(address + 24, 0);
    }

    @Override
    public void written(PageRequest request) {
        registers.show(Reg.PQT, following());
        int status = registers.get(Reg.PRS);
        if (request.last() && (status & Reg.PRS_PPR) == 0) {
            registers.show(Reg.PRS, status | Reg.PRS_PPR);
            interrupts.pageRequest().raise();
        }
    }
}
