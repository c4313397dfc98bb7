package org.iommusim.amdvi;

import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import org.iommusim.amdvi.format.DteConfig;
import org.iommusim.amdvi.spec.Efr;
import org.iommusim.hw.check.StaleUseChecker;
import org.iommusim.hw.dma.DmaCompletion;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.hw.dma.DmaSource;
import org.iommusim.hw.iommu.AtsEndpoint;
import org.iommusim.hw.iommu.InterruptSink;
import org.iommusim.hw.iommu.IommuDevice;
import org.iommusim.hw.iommu.PageRequest;
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
import org.jspecify.annotations.Nullable;

/**
 * One AMD-Vi unit: a pipeline that translates, and a control unit that software talks to. This class puts them together.
 *
 * <p>A DeviceID is the requester id of the PCIe function. Whatever the feature registers do not offer ends in the architected
 * error; see {@link Abilities}.
 */
public final class AmdViDevice implements IommuDevice {
    private final String name;
    private final Simulation sim;
    private final Efr efr;
    private final BusFaults busFaults;
    private final Mistakes mistakes = new Mistakes();
    private final CheckedUse staleUse;
    private final TransactionPool<Flight> flights = new TransactionPool<>(this::makeFlight, this::flightsDrained);
    private final InvalidationTarget invalidations;
    private final ControlUnit control;
    private final Requests<Flight> requests;
    private final DtePath entries;
    private final FaultReport faultReport;
    private final Admission admission;
    private final Translator translator;
    private final InterruptRemapping interrupts;
    private final Prefetches prefetches;
    private final GuestInterrupts guests;

    /**
     * Makes a unit in its reset state.
     *
     * @param name name within the machine, also the path of its statistics, e.g. {@code iommu0}
     * @param parameters values of all of {@link AmdViParameters}
     */
    public AmdViDevice(String name, SortedMap<String, Long> parameters, IommuHost host) {
        this(name, new AmdViParameters(parameters), host);
    }

    private AmdViDevice(String name, AmdViParameters p, IommuHost host) {
        this(name, p, Abilities.of(p), host);
    }

    /** Makes a unit with these features, whatever the parameters say about them. */
    AmdViDevice(String name, AmdViParameters p, Efr efr, IommuHost host) {
        this.name = name;
        this.efr = efr;
        sim = host.simulation();
        Abilities.check(efr);
        staleUse = new CheckedUse(name, sim, host.memory());
        RequestPort port = new RequestPort(
                sim.scheduler(),
                name + " memory port",
                p.clock(),
                p.value("memory_port_bytes"),
                p.wakeRule(),
                host.port());
        busFaults = new BusFaults(sim.world());
        port.faults(busFaults);
        invalidations = new Invalidations(this, p);
        control = new ControlUnit(
                sim,
                name,
                p,
                efr,
                port,
                host.memory(),
                WaitQueue.polled(sim.world(), name + " changed"),
                invalidations,
                this::checkPageRequest);
        requests = new Requests<>(new Reception(this), sim, name, p, p.wakeRule(), flights, staleUse, port);
        entries = new DtePath(this, sim, name, p, efr, port, host.memory());
        faultReport = new FaultReport(
                entries.cache(),
                control.events(),
                path(),
                sim.statistics()
                        .under(name)
                        .counter("suppressed_faults", "faults", "page faults not recorded because of SA or SE"));
        admission = new Admission(this, faultReport, p);
        translator = new Translator(this, name, host, p, port);
        prefetches = new Prefetches(this, sim, p);
        interrupts = new InterruptRemapping(
                sim, name, p, efr, new Messages(), registers(), control.events(), port, host.memory(), staleUse);
        guests = new GuestInterrupts(
                this,
                control.guests(),
                sim.scheduler(),
                port,
                host.memory(),
                sim.statistics().under(name + ".interrupts"));
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String kind() {
        return AmdViProvider.KIND;
    }

    /** What it can do. */
    public Efr efr() {
        return efr;
    }

    @Override
    public long mmioBytes() {
        return control.registers().bytes();
    }

    @Override
    public long mmioRead(long offset, int bytes) {
        return control.registers().read(offset, bytes);
    }

    @Override
    public void mmioWrite(long offset, int bytes, long value) {
        control.registers().write(offset, bytes, value);
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
    public void prepare(int count) {
        flights.prepare(count + prefetches.slots());
    }

    private Flight makeFlight(int id) {
        Flight flight = new Flight(id, Requests.newLane(sim, name, id));
        translator.attach(flight);
        return flight;
    }

    private void flightsDrained() {
        control.flightsDrained();
    }

    /** A request has its device table entry. */
    void configured(Flight flight) {
        admission.admit(flight);
    }

    // ---- page requests

    @Override
    public void pageRequested(PageRequest request) {
        control.pages().arrived(request);
    }

    /** Whoever makes page requests must be allowed to: its device table entry is looked at first. */
    private void checkPageRequest(PageRequest request) {
        Flight flight = flights.take();
        flight.arrive(request, sim.now());
        entries.start(flight);
    }

    /** It is known whether a page request may be made. */
    void pageRequestChecked(Flight flight) {
        boolean allowed = !flight.failed();
        boolean answersWithPasid = flight.config.gprp;
        requests.release(flight);
        control.pages().checked(allowed, answersWithPasid);
    }

    // ---- interrupts of functions

    /** Whose messages are remapped. */
    private final class Messages implements InterruptRemapping.Client {
        @Override
        public Transaction transaction(int id) {
            return flights.get(id);
        }

        @Override
        public long interruptWord(Transaction message) {
            Flight flight = flights.get(message.id);
            return flight.config.kind == DteConfig.FORWARD ? 0 : flight.dte[2];
        }

        @Override
        public int domainOf(Transaction message) {
            return flights.get(message.id).config.domainId;
        }

        @Override
        public void guest(Transaction message, long[] entry, long address) {
            guests.found(flights.get(message.id), entry, address);
        }

        @Override
        public void remapped(Transaction message) {
            requests.messageDecided(flights.get(message.id));
        }
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
        return List.of(control.commands().lane().name());
    }

    @Override
    public @Nullable StaleUseChecker staleUseChecker() {
        return staleUse.checker();
    }

    // ---- what the parts ask each other

    /** Something happens to a request that may be counted. */
    void count(Flight flight, int source) {
        control.counters().count(source, flight.sid, flight.did, flight.substream);
    }

    UnitState registers() {
        return control.registers();
    }

    InvalidationTarget invalidations() {
        return invalidations;
    }

    Requests<Flight> requests() {
        return requests;
    }

    RequestPath<Flight> path() {
        return requests.path();
    }

    DtePath entries() {
        return entries;
    }

    Translator translator() {
        return translator;
    }

    Prefetches prefetches() {
        return prefetches;
    }

    InterruptRemapping interrupts() {
        return interrupts;
    }

    GuestInterrupts guests() {
        return guests;
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

    /** Mistakes that tests ask for. */
    Mistakes mistakes() {
        return mistakes;
    }
}
