package org.iommusim.amdvi;

import org.iommusim.amdvi.spec.Event;
import org.iommusim.amdvi.spec.Pc;
import org.iommusim.hw.ats.GrantAttempts;
import org.iommusim.hw.dma.AddressType;
import org.iommusim.hw.dma.DmaOutcome;
import org.iommusim.hw.pipeline.TranslationPath;
import org.iommusim.hw.provider.IommuHost;
import org.iommusim.hw.walk.RequestPort;
import org.iommusim.hw.walk.Walk;
import org.iommusim.hw.walk.WalkEngine;
import org.iommusim.hw.walk.WalkFault;
import org.iommusim.sim.Simulation;
import org.iommusim.sim.event.EventHandler;
import org.iommusim.sim.memory.PhysicalMemory;

/**
 * From a request that is to be translated to its answer: the {@link TranslationPath} through IOTLB and walk. A walk in guest
 * tables begins with the GCR3 table ({@link Gcr3Path}), in the same walk slot. Translation requests are walked for, and asked
 * again with less where everything is not allowed.
 */
final class Translator implements EventHandler, TranslationPath.Client<Flight> {
    private static final int SMALLEST_SHIFT = 12;

    private final AmdViDevice device;
    private final PhysicalMemory memory;
    private final boolean cachesAbsent;
    private final boolean userSupervisor;
    private final Iotlb iotlb;
    private final TranslationPath<Flight> path;
    private final WalkEngine walker;
    private final Gcr3Path gcr3;
    private final AtsUnit ats;

    Translator(AmdViDevice device, String name, IommuHost host, AmdViParameters p, RequestPort port) {
        this.device = device;
        memory = host.memory();
        Simulation sim = host.simulation();
        cachesAbsent = p.flag("np_cache");
        userSupervisor = device.efr().us();
        ats = new AtsUnit(userSupervisor);
        iotlb = new Iotlb(sim, name + ".iotlb", p, device.staleUse());
        path = new TranslationPath<>(this, device.flights(), sim.scheduler(), name, p, p.wakeRule());
        walker = new WalkEngine(
                sim,
                name + ".walker",
                p.clock(),
                port,
                host.memory(),
                p.walkCaches(),
                null,
                p.wakeRule(),
                device.staleUse().checker());
        walker.cache().pointersOnly();
        if (p.flag("merge_walks")) {
            walker.mergeReads();
        }
        gcr3 = new Gcr3Path(device, this, walker, sim, name, p, port, host.memory());
    }

    AtsUnit ats() {
        return ats;
    }

    @Override
    public boolean sameTables(Flight one, Flight other) {
        return one.did == other.did && one.pasid == other.pasid;
    }

    /** Gives a new flight its place in the walker. */
    void attach(Flight flight) {
        flight.attach(walker.newWalk(flight.lane, this, 0, flight.id));
        device.staleUse().attach(flight);
    }

    void invalidate(Invalidation what) {
        iotlb.entries().invalidate(what.translations());
        walker.cache().entries().invalidate(what.pointers());
        gcr3.cache().entries().invalidate(what.gcr3());
    }

    /** Guest tables, host tables or both are known; ends in {@link org.iommusim.hw.pipeline.RequestPath#answered}. */
    void translate(Flight flight) {
        device.staleUse().tables(flight, flight.did, flight.pasid, flight.guest);
        path.start(flight);
    }

    // ---- IOTLB

    @Override
    public boolean lookUp(Flight flight) {
        if (flight.prefetch && flight.invalidatesFirst) {
            iotlb.forget(flight);
        }
        boolean hit = iotlb.lookup(flight, access(flight));
        device.count(flight, hit ? Pc.MEM_TLB_PTE_HIT : Pc.MEM_TLB_PTE_MIS);
        return hit;
    }

    @Override
    public void hit(Flight flight) {
        settled(flight);
    }

    @Override
    public void fill(Flight flight) {
        if (flight.code == 0) {
            iotlb.fill(flight);
        } else {
            flight.pageShift = SMALLEST_SHIFT;
            iotlb.fillAbsent(flight);
        }
    }

    // ---- walk

    @Override
    public void walk(Flight flight) {
        flight.tablesFrom = flight.trail == null ? 0 : flight.trail.size();
        Iotlb.name(flight, flight.walk());
        flight.walk().stage1().clear();
        flight.walk().marksNothing(flight.prefetch);
        if (flight.guest) {
            gcr3.start(flight);
        } else {
            walkTables(flight);
        }
    }

    /** The guest tables, if there are any, are those of the walk's first stage. */
    void walkTables(Flight flight) {
        Walk walk = flight.walk();
        walk.request(flight.request());
        walk.stage2().copyFrom(flight.config.host);
        // What only looks marks nothing as accessed, so that others have to look again. It may be over at once.
        boolean keepsNothing = flight.stale || flight.forbidden();
        walker.translate(walk, flight.iova, access(flight));
        if (keepsNothing) {
            walk.forbidRefill();
        }
    }

    /** What the device table entry forbids is only looked for: nothing is asked of the tables but that there is a page. */
    private int access(Flight flight) {
        if (flight.type == AddressType.TRANSLATION_REQUEST) {
            return ats.access(flight);
        }
        return flight.forbidden() ? 0 : flight.access(userSupervisor);
    }

    @Override
    public void onEvent(int op, long arg) {
        Flight flight = device.flight((int) arg);
        Walk walk = flight.walk();
        WalkFault fault = walk.fault();
        boolean asks = flight.type == AddressType.TRANSLATION_REQUEST;
        if (flight.walksForGcr3) {
            if (fault == WalkFault.NONE) {
                gcr3.located(flight);
                return;
            }
            flight.walksForGcr3 = false;
        } else if (asks && fault == WalkFault.PERMISSION && ats.tryAgain(flight)) {
            walkTables(flight); // in the same walk slot
            return;
        }
        if (fault == WalkFault.NONE) {
            takeAnswer(flight, walk);
            path.settle(flight, !flight.forbidden());
        } else {
            walkFailed(flight, walk);
        }
    }

    private void takeAnswer(Flight flight, Walk walk) {
        flight.outcome = DmaOutcome.OK;
        flight.output = walk.output();
        flight.pageShift = walk.pageShift();
        flight.guestShift = walk.stage1Shift();
        flight.permissions = walk.permissions();
        flight.attributes = walk.stage2Attributes();
        if (flight.type == AddressType.TRANSLATION_REQUEST) {
            ats.answer(flight);
        }
    }

    private void walkFailed(Flight flight, Walk walk) {
        WalkFault fault = walk.fault();
        if (flight.type == AddressType.TRANSLATION_REQUEST && GrantAttempts.isNoGrant(fault)) {
            ats.refuse(flight);
        } else if (fault == WalkFault.EXTERNAL_ABORT) {
            flight.code = Event.PAGE_TAB_HARDWARE_ERROR;
            flight.eventFlags = HardwareErrors.at(memory, walk.fetchAddress());
            flight.eventAddress = walk.fetchAddress();
        } else {
            flight.code = Event.IO_PAGE_FAULT;
            flight.eventFlags = pageFault(fault, walk.faultStage() == 1);
        }
        boolean nested = flight.guest && flight.host;
        path.settle(flight, cachesAbsent && fault == WalkFault.TRANSLATION && !nested && !flight.prefetch);
    }

    /** Guest tables have reserved bits, host tables have levels and sizes that cannot be. */
    private static long pageFault(WalkFault fault, boolean guest) {
        return switch (fault) {
            case PERMISSION -> Event.PR | Event.PE;
            case RESERVED_BIT -> Event.PR | (guest ? Event.RZ : 0);
            default -> 0;
        };
    }

    /** There is no way to guest tables. */
    void gcr3Failed(Flight flight, int code, long flags) {
        if (flight.type == AddressType.TRANSLATION_REQUEST && code == Event.IO_PAGE_FAULT) {
            ats.refuse(flight);
        } else {
            flight.code = code;
            flight.eventFlags = flags;
        }
        path.settle(flight, false);
    }

    // ---- end

    @Override
    public void settled(Flight flight) {
        if (flight.code == 0 && flight.forbidden()) {
            device.faultReport().refuse(flight, Event.IO_PAGE_FAULT, Event.PR | Event.PE);
        } else if (flight.code == 0) {
            device.path().answered(flight);
        } else {
            device.faultReport().refuse(flight, flight.code, flight.eventFlags);
        }
    }
}
