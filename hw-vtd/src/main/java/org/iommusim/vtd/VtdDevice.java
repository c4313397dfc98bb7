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
import org.iommusim.hw.pipeline.RequestPath;
import org.iommusim.hw.pipeline.Requests;
import org.iommusim.hw.pipeline.Transaction;
import org.iommusim.hw.pipeline.TransactionPool;
import org.iommusim.hw.provider.IommuHost;
import org.iommusim.hw.walk.BusFaults;
import org.iommusim.hw.walk.RequestPort;
import org.iommusim.sim.Simulation;
import org.iommusim.sim.program.WaitQueue;
import org.iommusim.vtd.format.MemoryType;
import org.iommusim.vtd.spec.Cap;
import org.iommusim.vtd.spec.FaultReason;
import org.iommusim.vtd.spec.Irte;
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
    private final int haw;
    private final BusFaults busFaults;
    private final Mistakes mistakes = new Mistakes();
    private final CheckedUse staleUse;
    private final TransactionPool<Flight> flights = new TransactionPool<>(this::makeFlight, this::flightsDrained);
    private final ControlUnit control;
    private final Requests<Flight> requests;
    private final ConfigPath configs;
    private final Translator translator;
    private final FaultReport faultReport;
    private final InterruptRemapping interrupts;

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
        requests = new Requests<>(new Translation(), sim, name, p, p.wakeRule(), flights, staleUse, port);
        configs = new ConfigPath(this, sim, name, p, cap, port, host.memory());
        translator = new Translator(this, name, host, p, cap, port);
        faultReport = new FaultReport(
                this,
                sim.statistics()
                        .under(name)
                        .counter("suppressed_faults", "faults", "faults not recorded because of FPD"));
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
        requests.accept(request, completion);
    }

    @Override
    public boolean offer(DmaRequest request, DmaCompletion completion, DmaSource source) {
        return requests.offer(request, completion, source);
    }

    @Override
    public void carriedOut(DmaRequest request) {
        requests.carriedOut(request);
    }

    @Override
    public void prepare(int requests) {
        flights.prepare(requests);
    }

    private Flight makeFlight(int id) {
        Flight flight = new Flight(id, Requests.newLane(sim, name, id));
        translator.attach(flight);
        return flight;
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
        flight.arrive(request, sim.now());
        configs.start(flight);
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

    RequestPath<Flight> path() {
        return requests.path();
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

    /** What becomes of requests, seen from the way in and out. */
    private final class Translation implements Requests.Vendor<Flight> {
        @Override
        public boolean isMessage(DmaRequest request) {
            return InterruptRemapping.isMessage(request);
        }

        @Override
        public void arrive(Flight flight, DmaRequest request, DmaCompletion completion, int portBeats) {
            flight.arrive(request, completion, portBeats);
        }

        @Override
        public void received(Flight flight) {
            if (InterruptRemapping.isMessage(flight.request())) {
                flight.message = true;
                interrupts.remap(flight);
                return;
            }
            path().keepOrder(flight);
            if (touchesInterrupts(flight)) {
                // Only messages may go there; nothing is recorded.
                flight.fail(DmaOutcome.ABORT, FaultReason.NONE);
                path().answered(flight);
            } else if (registers().translationEnabled()) {
                configs.start(flight);
            } else {
                disabled(flight);
            }
        }

        /** With a PASID an address is never that of an interrupt. */
        private boolean touchesInterrupts(Flight flight) {
            return flight.substream < 0 && flight.type != AddressType.TRANSLATED && Irte.isMessage(flight.iova);
        }

        /** TES=0: requests pass, except for what protected memory regions hold back, and there is no device TLB. */
        private void disabled(Flight flight) {
            if (flight.type != AddressType.UNTRANSLATED
                    || flight.iova >>> haw != 0
                    || registers()
                            .protectedMemory()
                            .blocks(flight.iova, flight.request().bytes())) {
                flight.fail(DmaOutcome.ABORT, FaultReason.NONE);
            } else {
                flight.outcome = DmaOutcome.BYPASS;
                flight.output = flight.iova;
            }
            path().answered(flight);
        }

        @Override
        public void ownAnswered(Flight flight) {
            boolean allowed = !flight.failed();
            requests.release(flight);
            control.pages().checked(allowed ? null : PageResponse.RESPONSE_FAILURE);
        }

        @Override
        public void left(Flight flight) {
            requests.left(flight);
        }

        @Override
        public void answer(Flight flight, DmaRequest request) {
            request.completion(AtsUnit.status(flight), flight.entry);
        }

        @Override
        public void describe(Flight flight, DmaRequest request) {
            if (flight.did >= 0) {
                request.memoryAttributes(MemoryType.of(flight.config, flight.firstAttributes, flight.secondAttributes));
            }
        }

        @Override
        public void messageOver(Flight message) {
            interrupts.end(message);
        }
    }

    /** The requests that are interrupt messages. */
    private final class Messages implements InterruptRemapping.Client {
        @Override
        public Transaction transaction(int id) {
            return flights.get(id);
        }

        @Override
        public void remapped(Transaction message) {
            requests.messageDecided(flights.get(message.id));
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
