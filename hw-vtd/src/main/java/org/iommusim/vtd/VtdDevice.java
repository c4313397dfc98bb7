package org.iommusim.vtd;

import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import org.iommusim.hw.check.StaleUseChecker;
import org.iommusim.hw.dma.AddressType;
import org.iommusim.hw.dma.DmaCompletion;
import org.iommusim.hw.dma.DmaOutcome;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.hw.dma.DmaSource;
import org.iommusim.hw.iommu.AtsEndpoint;
import org.iommusim.hw.iommu.InterruptSink;
import org.iommusim.hw.iommu.IommuDevice;
import org.iommusim.hw.iommu.PageRequest;
import org.iommusim.hw.iommu.PageResponse;
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
import org.iommusim.vtd.format.MemoryType;
import org.iommusim.vtd.spec.Cap;
import org.iommusim.vtd.spec.Reg;
import org.jspecify.annotations.Nullable;

/**
 * One VT-d unit: a pipeline that translates, and a control unit that software talks to. This class puts them together and
 * knows which requests are in flight.
 *
 * <p>A source id is the requester id of the PCIe function. Whatever the capability registers do not offer ends in the
 * architected error; see {@link Capabilities}.
 */
public final class VtdDevice implements IommuDevice {
    private final String name;
    private final Simulation sim;
    private final Cap cap;
    private final RequestPort port;
    private final int portBytes;
    private final int haw;
    private final BusFaults busFaults;
    private final Mistakes mistakes = new Mistakes();
    private final CheckedUse staleUse;
    private final TransactionPool<Flight> flights = new TransactionPool<>(this::makeFlight, this::flightsDrained);
    private final ControlUnit control;
    private final RequestPath path;
    private final MessageOrder messageOrder;
    private final ConfigPath configs;
    private final Translator translator;
    private final FaultReport faultReport;
    private final InterruptRemapping interrupts;

    private final TransactionReport report;

    /**
     * Makes a unit in its reset state.
     *
     * @param name name within the machine, also the path of its statistics, e.g. {@code dmar0}
     * @param parameters values of all of {@link VtdParameters}
     */
    public VtdDevice(String name, SortedMap<String, Long> parameters, IommuHost host) {
        this(name, new VtdParameters(parameters), host);
    }

    private VtdDevice(String name, VtdParameters p, IommuHost host) {
        this(name, p, p.value("version"), Capabilities.of(p), host);
    }

    /** Makes a unit with this version and these capabilities, whatever the parameters say about them. */
    VtdDevice(String name, VtdParameters p, int version, Cap cap, IommuHost host) {
        this.name = name;
        this.cap = cap;
        sim = host.simulation();
        Capabilities.check(cap);
        portBytes = p.value("port_bytes");
        haw = p.value("haw");
        staleUse = new CheckedUse(name, sim, host.memory());
        port = new RequestPort(
                sim.scheduler(),
                name + " memory port",
                p.clock(),
                p.value("memory_port_bytes"),
                p.wakeRule(),
                host.port());
        busFaults = new BusFaults(sim.world());
        port.faults(busFaults);
        if (!cap.coherent()) {
            port.tablesPastCache();
        }
        control = new ControlUnit(
                sim,
                name,
                p,
                cap,
                version,
                port,
                host.memory(),
                WaitQueue.polled(sim.world(), name + " changed"),
                new Target(),
                this::checkPageRequest,
                mistakes);
        interrupts = new InterruptRemapping(
                sim, name, p, cap, new Messages(), registers(), faults(), port, host.memory(), staleUse);
        path = new RequestPath(this, sim, name, p, port);
        messageOrder = new MessageOrder(flights, sim.scheduler(), path);
        configs = new ConfigPath(this, sim, name, p, cap, port, host.memory());
        translator = new Translator(this, name, host, p, cap, port);
        port.whenSent(path.refused()::invite);
        faultReport = new FaultReport(
                this,
                sim.statistics()
                        .under(name)
                        .counter("suppressed_faults", "faults", "faults not recorded because of FPD"));
        report = new TransactionReport(
                sim, name, "requests ended without a fault", "from the port of the devices to the port to memory");
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String kind() {
        return VtdProvider.KIND;
    }

    /** What it can do. */
    public Cap cap() {
        return cap;
    }

    @Override
    public long mmioBytes() {
        return registers().bytes();
    }

    @Override
    public long mmioRead(long offset, int bytes) {
        return registers().read(offset, bytes);
    }

    @Override
    public void mmioWrite(long offset, int bytes, long value) {
        registers().write(offset, bytes, value);
    }

    // ---- requests

    @Override
    public void accept(DmaRequest request, DmaCompletion completion) {
        Flight flight = flights.take();
        flight.arrive(request, completion, Math.max(1, Transaction.dataBeats(request, portBytes)));
        staleUse.begin(flight);
        request.translationSlot(flight.id);
        report.arrived(flight);
        if (InterruptRemapping.isMessage(request)) {
            messageOrder.arrived(flight);
        }
        path.accept(flight);
    }

    @Override
    public boolean offer(DmaRequest request, DmaCompletion completion, DmaSource source) {
        if (!path.hasRoom(Transaction.dataBeats(request, portBytes))) {
            path.refused().refuse(source);
            return false;
        }
        accept(request, completion);
        return true;
    }

    /** A flight has left: translated and past the port to memory, or ended. */
    void translated(Flight flight) {
        DmaRequest request = flight.request();
        DmaOutcome outcome = flight.outcome;
        long now = sim.now();
        report.left(flight);
        if (flight.type == AddressType.TRANSLATION_REQUEST) {
            answered(flight, now);
            return;
        }
        if (flight.message) {
            interrupts.end(flight);
        } else {
            report.answered(flight);
        }
        if (outcome == DmaOutcome.INTERRUPT) {
            request.interrupt(flight.output, flight.messageData, now);
            staleUse.used(flight);
        } else if (flight.failed()) {
            request.fault(flight.code);
            request.translated(outcome, -1, now);
        } else {
            if (flight.did >= 0) {
                request.memoryAttributes(MemoryType.of(flight.config, flight.firstAttributes, flight.secondAttributes));
            }
            request.translated(outcome, flight.output, now);
            staleUse.used(flight);
        }
        DmaCompletion completion = flight.completion();
        if (!outcome.completed()) {
            release(flight);
        }
        completion.completed(request);
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
    public void carriedOut(DmaRequest request) {
        Flight flight = flights.get(request.translationSlot());
        if (!flight.inUse || flight.request() != request) {
            throw new IllegalStateException(name + ": request " + request.id() + " was not under way");
        }
        staleUse.used(flight);
        release(flight);
    }

    @Override
    public void prepare(int requests) {
        flights.prepare(requests);
    }

    private Flight makeFlight(int id) {
        Flight flight = new Flight(id, sim.scheduler().newLane(name + " request " + id, Phase.HARDWARE));
        translator.attach(flight);
        return flight;
    }

    private void release(Flight flight) {
        staleUse.end(flight);
        flights.release(flight);
        messageOrder.ended(flight);
    }

    // ---- page requests

    @Override
    public void pageRequested(PageRequest request) {
        control.pages().arrived(request);
    }

    /** Whoever makes page requests must be allowed to: its configuration is looked at first. */
    private void checkPageRequest(PageRequest request) {
        if (!cap.prs() || !registers().translationEnabled()) {
            control.pages().checked(PageResponse.RESPONSE_FAILURE);
            return;
        }
        Flight flight = flights.take();
        flight.arrive(request, nobody -> {}, sim.now());
        configs.start(flight);
    }

    /** It is known whether a page request may be made. */
    void pageRequestChecked(Flight flight) {
        boolean allowed = !flight.failed();
        release(flight);
        control.pages().checked(allowed ? null : PageResponse.RESPONSE_FAILURE);
    }

    // ---- the machine around it

    @Override
    public void connect(AtsEndpoint endpoint) {
        control.atcs().connect(endpoint);
    }

    @Override
    public void invalidated(int requesterId, int tags, int count) {
        control.atcs().completed(requesterId, tags, count);
    }

    @Override
    public void connectInterrupts(InterruptSink sink) {
        control.interrupts().connect(sink);
    }

    @Override
    public Optional<BusFaults> busFaults() {
        return Optional.of(busFaults);
    }

    @Override
    public WaitQueue changed() {
        return control.changed();
    }

    @Override
    public List<String> units() {
        return List.of(control.queue().lane().name(), registers().lane().name());
    }

    @Override
    public @Nullable StaleUseChecker staleUseChecker() {
        return staleUse.checker();
    }

    // ---- what the parts ask each other

    RegisterFile registers() {
        return control.registers();
    }

    FaultRecorder faults() {
        return control.faults();
    }

    InterruptRemapping interruptRemapping() {
        return interrupts;
    }

    RequestPath path() {
        return path;
    }

    ConfigPath configs() {
        return configs;
    }

    Translator translator() {
        return translator;
    }

    FaultReport faultReport() {
        return faultReport;
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

    /** Width of a physical address. */
    int hostAddressBits() {
        return haw;
    }

    /** Mistakes that tests ask for. */
    Mistakes mistakes() {
        return mistakes;
    }

    private void flightsDrained() {
        control.flightsDrained();
    }

    /** The requests that are interrupt messages. */
    private final class Messages implements InterruptRemapping.Client {
        @Override
        public Transaction transaction(int id) {
            return flights.get(id);
        }

        @Override
        public void remapped(Transaction message) {
            messageOrder.remapped(flights.get(message.id));
        }
    }

    /** Where invalidations take effect. */
    private final class Target implements InvalidationTarget {
        @Override
        public void issued(long w0, long w1) {
            staleUse.issued(new DescriptorPromise(w0, w1, registers().tableMode() == Reg.TTM_SCALABLE));
        }

        @Override
        public void invalidate(Invalidation what) {
            configs.invalidate(what);
            translator.invalidate(what);
            if (!mistakes.forgetsFlights) {
                flights.invalidate(what::hits, flight -> waits(what, flight));
            }
        }

        /** What need not be waited for may be used as long as it takes, whatever was invalidated. */
        private boolean waits(Invalidation what, Flight flight) {
            boolean waits = what.waitsFor(flight);
            if (!waits) {
                staleUse.end(flight);
            }
            return waits;
        }

        @Override
        public void invalidate(InterruptRemapping.Entries entries) {
            staleUse.issued(new InterruptPromise(entries));
            if (!mistakes.forgetsInterrupts) {
                interrupts.invalidate(entries);
            }
            if (!mistakes.forgetsFlights) {
                flights.invalidate(flight -> flight.message && interrupts.uses(flight, entries), flight -> true);
            }
        }

        /** Without the capability to drain (DRD, DWD) only interrupt messages are waited for. */
        @Override
        public void drain() {
            flights.invalidate(
                    flight -> true,
                    flight -> flight.message || (flight.request().write() ? cap.dwd() : cap.drd()));
        }

        @Override
        public int invalidations() {
            return flights.invalidations();
        }

        @Override
        public boolean awaited(int first) {
            return !mistakes.waitDoesNotDrain && flights.awaited(first);
        }

        @Override
        public int promises() {
            return staleUse.incomplete();
        }

        @Override
        public void completed(String by, int first) {
            staleUse.completed(by, first);
        }
    }
}
