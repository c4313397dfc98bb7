package org.iommusim.smmuv3;

import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import org.iommusim.hw.ats.AtcInvalidations;
import org.iommusim.hw.check.StaleUseChecker;
import org.iommusim.hw.dma.AddressType;
import org.iommusim.hw.dma.DmaCompletion;
import org.iommusim.hw.dma.DmaOutcome;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.hw.dma.DmaSource;
import org.iommusim.hw.iommu.AccessWatcher;
import org.iommusim.hw.iommu.AtsEndpoint;
import org.iommusim.hw.iommu.InterruptSink;
import org.iommusim.hw.iommu.IommuDevice;
import org.iommusim.hw.iommu.PageRequest;
import org.iommusim.hw.pipeline.CheckedUse;
import org.iommusim.hw.pipeline.Transaction;
import org.iommusim.hw.pipeline.TransactionPool;
import org.iommusim.hw.pipeline.TransactionReport;
import org.iommusim.hw.provider.IommuHost;
import org.iommusim.hw.walk.BusFaults;
import org.iommusim.hw.walk.RequestPort;
import org.iommusim.sim.Simulation;
import org.iommusim.sim.event.Phase;
import org.iommusim.sim.program.WaitQueue;
import org.iommusim.smmuv3.format.MemoryAttributes;
import org.iommusim.smmuv3.spec.IdRegs;
import org.iommusim.smmuv3.spec.Reg;
import org.jspecify.annotations.Nullable;

/**
 * One SMMUv3: front ends and a shared unit that translate, a command queue and an event queue, and the registers that
 * control them. This class puts them together and knows which transactions are in flight.
 *
 * <p>A StreamID is the requester id of the PCIe function, a SubstreamID its PASID. Whatever the identification registers
 * do not offer ends in the architected error; see {@link Identification}.
 */
public final class Smmuv3Device implements IommuDevice {
    private final String name;
    private final Simulation sim;
    private final IdRegs ids;
    private final WaitQueue changed;
    private final RegisterFile registers;
    private final Interrupts interrupts;
    private final EventRecorder events;
    private final CommandQueue commands;
    private final AtsUnit ats;
    private final StallBuffer stalls;
    private final AtcInvalidations atcs;
    private final PriQueue pages;
    private final Faults faults = new Faults();
    private final CheckedUse staleUse;
    private final SharedUnit shared;
    private final FrontEnd[] frontEnds;
    private final RequestPort port;
    private final int portBytes;
    private final boolean quirks;
    private final int frontEndClockPs;
    private final BusFaults busFaults;

    private final TransactionPool<Flight> flights = new TransactionPool<>(this::makeFlight, this::flightsDrained);

    private final TransactionReport report;

    /**
     * Makes a device in its reset state.
     *
     * @param name name within the machine, also the path of its statistics, e.g. {@code smmu0}
     * @param parameters values of all of {@link Smmuv3Parameters}
     */
    public Smmuv3Device(String name, SortedMap<String, Long> parameters, IommuHost host) {
        this(name, new Smmuv3Parameters(parameters), Identification.of(new Smmuv3Parameters(parameters)), host);
    }

    /** Makes a device that identifies itself so, whatever the parameters say about identification. */
    Smmuv3Device(String name, Smmuv3Parameters p, Identification identification, IommuHost host) {
        this.name = name;
        sim = host.simulation();
        ids = identification.ids();
        RecordedIdentification.check(ids);
        portBytes = p.value("port_bytes");
        quirks = p.flag("gem5_quirks");
        frontEndClockPs = p.frontEndClockPs();
        staleUse = new CheckedUse(name, sim, host.memory());
        changed = WaitQueue.polled(sim.world(), name + " changed");
        port = new RequestPort(
                sim.scheduler(),
                name + " memory port",
                p.clock(),
                p.value("memory_port_bytes"),
                p.wakeRule(),
                host.port());
        busFaults = new BusFaults(sim.world());
        port.faults(busFaults);
        registers = new RegisterFile(sim, name, p, identification, changed, new RegisterWrites());
        interrupts = new Interrupts(sim.scheduler(), name, registers, port, host.memory());
        events = new EventRecorder(sim, name, p.flag("merge_events"), registers, interrupts, port, host.memory());
        commands = new CommandQueue(this, sim, name, p, ids, registers, port, host.memory());
        ats = new AtsUnit(this, ids);
        stalls = new StallBuffer(this, sim, name, ids);
        events.connect(stalls);
        events.whenSettled(commands::eventsSettled);
        atcs = new AtcInvalidations(commands, sim, name, p.value("atc_tags"), p.value("atc_timeout_us") * 1_000_000L);
        pages = new PriQueue(sim, name, atcs, registers, interrupts, port, host.memory());
        shared = new SharedUnit(this, name, host, p, ids, port);
        frontEnds = new FrontEnd[p.value("tbus")];
        for (int i = 0; i < frontEnds.length; i++) {
            frontEnds[i] = new FrontEnd(this, sim, name + ".tbu" + i, p, port);
        }
        port.whenSent(this::inviteRefused);
        report = new TransactionReport(
                sim,
                name,
                "requests ended as the configuration asks, without an event",
                "from the front end's port to the port to memory");
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String kind() {
        return Smmuv3Provider.KIND;
    }

    /** What it can do. */
    public IdRegs ids() {
        return ids;
    }

    @Override
    public long mmioBytes() {
        return Reg.BYTES;
    }

    @Override
    public long mmioRead(long offset, int bytes) {
        return registers.read(offset, bytes);
    }

    @Override
    public void mmioWrite(long offset, int bytes, long value) {
        registers.write(offset, bytes, value);
    }

    @Override
    public void accept(DmaRequest request, DmaCompletion completion) {
        Flight flight = begin(request, completion);
        report.arrived(flight);
        flight.frontEnd().accept(flight);
    }

    @Override
    public boolean offer(DmaRequest request, DmaCompletion completion, DmaSource source) {
        FrontEnd frontEnd = frontEnd(request);
        if (!frontEnd.hasRoom(Transaction.dataBeats(request, portBytes))) {
            frontEnd.refused().refuse(source);
            return false;
        }
        accept(request, completion);
        return true;
    }

    private FrontEnd frontEnd(DmaRequest request) {
        // Functions of one device share a front end, unless the machine says which.
        int door = request.door() < 0 ? request.requesterId() >>> 3 : request.door();
        return frontEnds[door % frontEnds.length];
    }

    private Flight begin(DmaRequest request, DmaCompletion completion) {
        Flight flight = flights.take();
        flight.begin(request, completion, frontEnd(request), Math.max(1, Transaction.dataBeats(request, portBytes)));
        staleUse.begin(flight);
        request.translationSlot(flight.id);
        return flight;
    }

    /** Front ends that have refused something let it be offered again. */
    void inviteRefused() {
        for (FrontEnd frontEnd : frontEnds) {
            frontEnd.refused().invite();
        }
    }

    @Override
    public int doors() {
        return frontEnds.length;
    }

    @Override
    public long answerCyclePs() {
        return frontEndClockPs;
    }

    @Override
    public void carriedOut(DmaRequest request) {
        Flight flight = flights.get(request.translationSlot());
        if (!flight.inUse || flight.request() != request) {
            throw new IllegalStateException(name + ": request " + request.id() + " was not under way");
        }
        staleUse.used(flight);
        release(flight);
    }

    @Override
    public void connect(AtsEndpoint endpoint) {
        atcs.connect(endpoint);
    }

    @Override
    public void invalidated(int requesterId, int tags, int count) {
        atcs.completed(requesterId, tags, count);
    }

    @Override
    public void pageRequested(PageRequest request) {
        pages.arrived(request);
    }

    @Override
    public void connectInterrupts(InterruptSink sink) {
        interrupts.connect(sink);
    }

    @Override
    public Optional<BusFaults> busFaults() {
        return Optional.of(busFaults);
    }

    @Override
    public WaitQueue changed() {
        return changed;
    }

    @Override
    public List<String> units() {
        return List.of(
                commands.lane().name(), events.lane().name(), registers.lane().name());
    }

    // ---- what the parts ask each other

    RegisterFile registers() {
        return registers;
    }

    Interrupts interrupts() {
        return interrupts;
    }

    EventRecorder events() {
        return events;
    }

    AtsUnit ats() {
        return ats;
    }

    StallBuffer stalls() {
        return stalls;
    }

    AtcInvalidations atcs() {
        return atcs;
    }

    SharedUnit sharedUnit() {
        return shared;
    }

    TransactionPool<Flight> flights() {
        return flights;
    }

    Flight flight(int id) {
        return flights.get(id);
    }

    CheckedUse staleUse() {
        return staleUse;
    }

    @Override
    public @Nullable StaleUseChecker staleUseChecker() {
        return staleUse.checker();
    }

    /** Mistakes that tests ask for. */
    Faults faults() {
        return faults;
    }

    /** How many transactions that used something since invalidated are not carried out yet. */
    int staleFlights() {
        return flights.awaited();
    }

    /** An invalidation takes effect: now, everywhere. */
    void invalidate(Invalidation what) {
        for (FrontEnd frontEnd : frontEnds) {
            frontEnd.invalidate(what);
        }
        shared.invalidate(what);
        // In gem5 an invalidation takes no time, and translations under way may bring back what it removed.
        if (!faults.forgetsFlights && !quirks) {
            flights.invalidate(what::hits, flight -> true);
        }
    }

    /** A flight is stalled: it uses nothing that could be invalidated any more. */
    void letGo(Flight flight) {
        flight.usesConfig = false;
        flight.usesTranslation = false;
        flights.letGo(flight);
    }

    /** The command queue has stopped working; a poll of CR0ACK may see it. */
    void commandQueueIdle() {
        registers.commandsStopped();
    }

    /** A front end translates the page behind a flight's. */
    Flight ahead(Flight behind) {
        Flight flight = flights.take();
        flight.beginAhead(behind, nobody -> {}, sim.now());
        staleUse.begin(flight);
        return flight;
    }

    /** A translation ahead is over. */
    void aheadDone(Flight flight) {
        release(flight);
    }

    /** A flight has left the SMMU: translated and past the port to memory, or ended. */
    void translated(Flight flight) {
        DmaRequest request = flight.request();
        DmaOutcome outcome = flight.outcome;
        long now = sim.now();
        report.left(flight);
        if (flight.type == AddressType.TRANSLATION_REQUEST) {
            answered(flight, now);
            return;
        }
        report.answered(flight);
        if (flight.failed()) {
            request.fault(flight.code);
            request.translated(outcome, -1, now);
        } else {
            request.memoryAttributes(flight.usesConfig ? Tlb.attributes(flight.facts) : MemoryAttributes.INCOMING);
            request.translated(outcome, flight.output, now);
            staleUse.used(flight);
            tellOfAccess(flight);
        }
        DmaCompletion completion = flight.completion();
        if (!outcome.completed()) {
            release(flight);
        }
        completion.completed(request);
    }

    private void tellOfAccess(Flight flight) {
        if (sim.checks() && flight.type == AddressType.UNTRANSLATED) {
            boolean stage1 = flight.stage1;
            boolean stage2 = flight.stage2;
            int sid = flight.sid;
            sim.checkers().tell(AccessWatcher.class, watcher -> watcher.passes(this, sid, stage1, stage2));
        }
    }

    /** A translation request goes back with its answer; there is no access to wait for. */
    private void answered(Flight flight, long now) {
        DmaRequest request = flight.request();
        report.translationRequest();
        request.completion(AtsUnit.status(flight), flight.entry);
        request.fault(flight.code);
        request.translated(flight.failed() ? flight.outcome : DmaOutcome.OK, -1, now);
        staleUse.answered(flight);
        DmaCompletion completion = flight.completion();
        release(flight);
        completion.completed(request);
    }

    @Override
    public void prepare(int requests) {
        flights.prepare(requests);
    }

    private Flight makeFlight(int id) {
        Flight flight = new Flight(id, sim.scheduler().newLane(name + " transaction " + id, Phase.HARDWARE));
        shared.attach(flight);
        return flight;
    }

    private void flightsDrained() {
        commands.flightsDrained();
    }

    private void release(Flight flight) {
        staleUse.end(flight);
        flights.release(flight);
    }

    /** Passes on what registers set in motion. */
    private final class RegisterWrites implements RegisterFile.Listener {
        @Override
        public void enablesChanged() {
            if (!registers.enabled()) {
                stalls.terminateAll();
            }
            stalls.queueWritable();
            commands.wake();
        }

        @Override
        public void eventsTaken() {
            stalls.queueWritable();
        }

        @Override
        public boolean commandsWorking() {
            return commands.working();
        }

        @Override
        public int interruptsUnderWay() {
            return interrupts.underWay();
        }

        @Override
        public void commandsAdded() {
            commands.wake();
        }

        @Override
        public void errorsAcknowledged(int settled) {
            if ((settled & Reg.GERROR_CMDQ_ERR) != 0) {
                commands.wake();
            }
            if ((settled & Reg.GERROR_EVENTQ_ABT_ERR) != 0) {
                stalls.queueWritable();
            }
        }

        @Override
        public void errorRaised(int bit) {
            interrupts.globalError(bit);
        }
    }
}
