package org.iommusim.smmuv3;

import org.iommusim.hw.ats.AtcInvalidations;
import org.iommusim.hw.control.PageRequestLog;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.hw.iommu.PageRequest;
import org.iommusim.hw.iommu.PageResponse;
import org.iommusim.hw.walk.RequestPort;
import org.iommusim.sim.Simulation;
import org.iommusim.sim.event.Lane;
import org.iommusim.sim.event.Phase;
import org.iommusim.sim.memory.PhysicalMemory;
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
final class PriQueue implements PageRequestLog.Rules {
    private final RegisterFile registers;
    private final QueueRegisters queue;
    private final Interrupts interrupts;
    private final TraceSink trace;
    private final Simulation sim;
    private final PageRequestLog log;

    PriQueue(
            Simulation sim,
            String name,
            AtcInvalidations endpoints,
            RegisterFile registers,
            Interrupts interrupts,
            RequestPort port,
            PhysicalMemory memory) {
        this.sim = sim;
        this.registers = registers;
        queue = registers.pageQueue();
        this.interrupts = interrupts;
        trace = sim.trace();
        Lane lane = sim.scheduler().newLane(name + " priq", Phase.HARDWARE);
        log = new PageRequestLog(
                this, endpoints, lane, port, memory, sim.statistics().under(name + ".priq"));
    }

    Lane lane() {
        return log.lane();
    }

    /** A page request has arrived. */
    void arrived(PageRequest request) {
        if (trace.detailed()) {
            trace.instant(
                    log.lane().name(), sim.now(), "page request", Pri.text(Pri.word0(request), Pri.word1(request)));
        }
        log.arrived(request);
    }

    @Override
    public void check(PageRequest request) {
        log.checked(usable() ? null : PageResponse.RESPONSE_FAILURE);
    }

    private boolean usable() {
        return registers.pageRequestsEnabled() && !registers.errorActive(Reg.GERROR_PRIQ_ABT_ERR);
    }

    @Override
    public void refused(PageRequest request, PageResponse refusal) {
        log.respond(request, DmaRequest.NO_PASID, refusal);
    }

    @Override
    public boolean takes(PageRequest request) {
        if (!queue.overflowing() && !queue.full()) {
            return true;
        }
        queue.overflow();
        // IDR3.PPS=1: the PASID of the request, and the STE is not looked at.
        log.answer(request, request.pasid(), PageResponse.SUCCESS);
        return false;
    }

    @Override
    public long address() {
        return queue.producerAddress();
    }

    @Override
    public int bytes() {
        return Pri.BYTES;
    }

    @Override
    public boolean stopped() {
        return !registers.pageRequestsEnabled();
    }

    @Override
    public void write(PhysicalMemory memory, long address, PageRequest request) {
        memory.write64(address, Pri.word0(request));
        memory.write64(address + 8, Pri.word1(request));
    }

    @Override
    public void written(PageRequest request) {
        boolean empty = queue.empty();
        queue.produced();
        if (registers.pageInterruptOnLast() ? request.last() : empty) {
            interrupts.pageQueue();
        }
    }

    @Override
    public void unwritable(PageRequest request) {
        if (registers.pageRequestsEnabled()) {
            registers.raise(Reg.GERROR_PRIQ_ABT_ERR);
        }
        refused(request, PageResponse.RESPONSE_FAILURE);
    }
}
