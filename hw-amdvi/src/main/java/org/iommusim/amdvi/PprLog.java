package org.iommusim.amdvi;

import org.iommusim.amdvi.spec.Cmd;
import org.iommusim.amdvi.spec.Control;
import org.iommusim.amdvi.spec.Event;
import org.iommusim.amdvi.spec.Ppr;
import org.iommusim.amdvi.spec.Reg;
import org.iommusim.amdvi.spec.Status;
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
import org.iommusim.sim.stats.Counter;
import org.iommusim.sim.stats.Statistics;
import org.iommusim.sim.trace.TraceSink;

/**
 * The PPR log: writes page requests, and answers those that it is told to answer.
 *
 * <p>Rules (peripheral page requests; control and status registers): without PPREn, or without a log (PPRLogEn), a group is
 * answered with a failure. A request that its device table entry does not allow is an INVALID_PPR_REQUEST event, and software
 * answers it. PPRLogRun is set when PPRLogEn, with IommuEn, becomes 1 and PPROverflow is 0. A request that finds no room (one
 * entry stays unused) sets PPROverflow and stops the log. While it is stopped groups are answered with the code of PprAutoRsp
 * if PPRAutoRspEn is 1; otherwise requests are lost and nobody answers them. With PPRAutoRspAon, too, every group is answered so
 * and nothing is written. Every record that is written sets PPRInt; for one that cannot be, its group is answered with a failure.
 * Stop markers are written unless BlkStopMrkEn is 1, and never answered. A failure repeats the PASID of the request, other
 * automatic answers do with GPRP; none does with MaskGn. What software answers has a PASID if it says so (GN).
 *
 * <p>{@code late_records} is as for the event log.
 */
final class PprLog implements PageRequestLog.Rules {
    /** Who knows whether a function may make page requests. */
    interface Check {
        /** Looks a request up, and calls {@link PprLog#checked} once, now or later. */
        void check(PageRequest request);
    }

    private final Simulation sim;
    private final TraceSink trace;
    private final RegisterFile registers;
    private final UnitStatus status;
    private final EventSink events;
    private final Check check;
    private final Ring ring;
    private final PageRequestLog log;
    private final boolean late;
    private final Counter unanswered;
    /** Of the request that is being looked at. */
    private boolean answersWithPasid;

    PprLog(
            Simulation sim,
            String name,
            AmdViParameters p,
            Check check,
            AtcInvalidations endpoints,
            RegisterFile registers,
            UnitStatus status,
            EventSink events,
            RequestPort port,
            PhysicalMemory memory) {
        this.sim = sim;
        this.check = check;
        this.registers = registers;
        this.status = status;
        this.events = events;
        trace = sim.trace();
        late = p.flag("late_records");
        ring = new Ring(registers, Reg.PPR_LOG_BASE, Reg.PPR_HEAD, Reg.PPR_TAIL, Ppr.BYTES);
        Lane lane = sim.scheduler().newLane(name + " pprlog", Phase.HARDWARE);
        Statistics statistics = sim.statistics().under(name + ".pprlog");
        log = new PageRequestLog(this, endpoints, lane, port, memory, statistics);
        unanswered = statistics.counter(
                "unanswered", "requests", "page requests lost in an overflow, whose groups nobody answers");
    }

    /** True if a control register asks for the log. */
    static boolean enabled(long control) {
        return Control.IOMMU_EN.isSet(control) && Control.PPR_LOG_EN.isSet(control);
    }

    /** A page request has arrived. */
    void arrived(PageRequest request) {
        if (trace.detailed()) {
            trace.instant(
                    log.lane().name(), sim.now(), "page request", Ppr.text(Ppr.word0(request), Ppr.word1(request)));
        }
        if (!request.stopMarker() || !Control.BLK_STOP_MRK_EN.isSet(registers.control())) {
            log.arrived(request);
        }
    }

    /**
     * The first request has been looked up.
     *
     * @param withPasid whether answers have the PASID, as its device table entry says (GPRP)
     */
    void checked(boolean allowed, boolean withPasid) {
        answersWithPasid = withPasid;
        log.checked(allowed ? null : PageResponse.INVALID_REQUEST);
    }

    @Override
    public void check(PageRequest request) {
        if (Control.PPR_EN.isSet(registers.control()) && enabled(registers.control())) {
            check.check(request);
        } else {
            log.checked(PageResponse.RESPONSE_FAILURE);
        }
    }

    @Override
    public void refused(PageRequest request, PageResponse refusal) {
        if (refusal == PageResponse.INVALID_REQUEST) {
            events.record(invalid(request), Ppr.ADDRESS.inPlace(request.address()));
        } else {
            log.answer(request, request.pasid(), refusal);
        }
    }

    /** Fields are where a PPR record has them; RX says that nobody waits for an answer. */
    private static long invalid(PageRequest request) {
        boolean process = request.pasid() >= 0;
        boolean waits = request.last() && !request.stopMarker();
        long word = Event.word0(
                Event.INVALID_PPR_REQUEST,
                request.requesterId(),
                (process ? Event.PPR_GN : 0) | (waits ? 0 : Event.PPR_RX));
        word = Ppr.TAG.with(word, request.group());
        return process
                ? Ppr.PASID_19_16.with(Ppr.PASID_15_0.with(word, request.pasid()), request.pasid() >>> 16)
                : word;
    }

    @Override
    public void unwritable(PageRequest request) {
        log.answer(request, request.pasid(), PageResponse.RESPONSE_FAILURE);
    }

    @Override
    public boolean takes(PageRequest request) {
        long control = registers.control();
        boolean answers = Control.PPR_AUTO_RSP_EN.isSet(control);
        if (answers && Control.PPR_AUTO_RSP_AON.isSet(control)) {
            answer(request);
            return false;
        }
        if (status.is(Status.PPR_LOG_RUN) && !ring.full()) {
            return true;
        }
        if (status.is(Status.PPR_LOG_RUN)) {
            status.run(Status.PPR_LOG_RUN, false);
            status.raise(Status.PPR_OVERFLOW);
        }
        if (answers) {
            answer(request);
        } else {
            unanswered.increment();
        }
        return false;
    }

    private void answer(PageRequest request) {
        long rules = registers.get(Reg.PPR_AUTO_RSP);
        PageResponse response = response(Reg.AUTO_RSP_CODE.getInt(rules));
        boolean repeats = answersWithPasid || response == PageResponse.RESPONSE_FAILURE;
        boolean masked = Reg.AUTO_RSP_MASK_GN.isSet(rules);
        log.answer(request, repeats && !masked ? request.pasid() : DmaRequest.NO_PASID, response);
    }

    /** What a code is on the wire; whatever is neither success nor an invalid request is a failure. */
    static PageResponse response(int code) {
        return switch (code) {
            case Cmd.PPR_SUCCESS -> PageResponse.SUCCESS;
            case Cmd.PPR_INVALID -> PageResponse.INVALID_REQUEST;
            default -> PageResponse.RESPONSE_FAILURE;
        };
    }

    @Override
    public long address() {
        return ring.tailAddress();
    }

    @Override
    public int bytes() {
        return Ppr.BYTES;
    }

    @Override
    public void issued() {
        if (late) {
            tell();
        }
    }

    @Override
    public void write(PhysicalMemory memory, long address, PageRequest request) {
        memory.write64(address, Ppr.word0(request));
        memory.write64(address + 8, Ppr.word1(request));
    }

    @Override
    public void written(PageRequest request) {
        if (!late) {
            tell();
        }
    }

    private void tell() {
        ring.produced();
        status.raise(Status.PPR_INT);
    }
}
