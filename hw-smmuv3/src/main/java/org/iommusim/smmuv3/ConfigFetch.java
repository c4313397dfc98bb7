package org.iommusim.smmuv3;

import org.iommusim.hw.check.DescriptorWatcher;
import org.iommusim.hw.check.SourceKind;
import org.iommusim.hw.dma.AddressType;
import org.iommusim.hw.dma.DmaOutcome;
import org.iommusim.hw.dma.Station;
import org.iommusim.hw.walk.RequestPort;
import org.iommusim.hw.walk.Walk;
import org.iommusim.hw.walk.WalkEngine;
import org.iommusim.hw.walk.WalkFault;
import org.iommusim.sim.Simulation;
import org.iommusim.sim.event.EventHandler;
import org.iommusim.sim.event.Scheduler;
import org.iommusim.sim.memory.PhysicalMemory;
import org.iommusim.sim.program.Checkers;
import org.iommusim.sim.stats.Counter;
import org.iommusim.sim.stats.Statistics;
import org.iommusim.smmuv3.format.StreamConfig;
import org.iommusim.smmuv3.spec.Cd;
import org.iommusim.smmuv3.spec.Event;
import org.iommusim.smmuv3.spec.IdRegs;
import org.iommusim.smmuv3.spec.Ste;

/**
 * Finds a transaction's configuration: reads the STE and, if stage 1 is on, the CD (in two-level tables, the level-1
 * descriptors before them), checks them in the architecture's order (Arm IHI 0070: StreamID, STE, its Config,
 * SubstreamID, CD), and leaves the decoded result in the flight.
 *
 * <p>A structure is read by one request of 64 bytes, and is looked at in 64-bit words, all in the event of the reply. An
 * update by software between two such replies is seen word by word only in so far as its stores are events of their own.
 */
final class ConfigFetch implements EventHandler {
    private static final int OP_STE = 0;
    private static final int OP_CD = 1;
    private static final int OP_L1 = 2;
    private static final int OP_CD_L1 = 3;

    private final Smmuv3Device device;
    private final Scheduler scheduler;
    private final PhysicalMemory memory;
    private final RequestPort port;
    private final WalkEngine walker;
    private final IdRegs ids;
    private final Gem5Checks checks;
    private final Checkers watchers;
    private final boolean quirks;
    private final Counter level1Fetches;
    private final Counter steFetches;
    private final Counter cdFetches;

    ConfigFetch(
            Smmuv3Device device,
            Simulation sim,
            String name,
            PhysicalMemory memory,
            RequestPort port,
            WalkEngine walker,
            IdRegs ids,
            Smmuv3Parameters p) {
        this.device = device;
        checks = new Gem5Checks(p);
        watchers = sim.checkers();
        quirks = p.flag("gem5_quirks");
        this.memory = memory;
        this.port = port;
        this.walker = walker;
        this.ids = ids;
        scheduler = sim.scheduler();
        Statistics statistics = sim.statistics().under(name);
        level1Fetches =
                statistics.counter("level1_fetches", "reads", "level-1 descriptors of STEs and CDs read from memory");
        steFetches = statistics.counter("ste_fetches", "reads", "stream table entries read from memory");
        cdFetches = statistics.counter("cd_fetches", "reads", "context descriptors read from memory");
    }

    /** Starts from memory; ends in {@link SharedUnit#configured} or {@link SharedUnit#refused}. */
    void fetch(Flight flight) {
        RegisterFile registers = device.registers();
        flight.hasCd = false;
        int log2Size = Math.min(registers.streamTableLog2Size(), ids.sidSize());
        if ((flight.sid & 0xffff_ffffL) >>> log2Size != 0) {
            fault(flight, Event.C_BAD_STREAMID);
            return;
        }
        flight.request().enter(Station.CONFIG_FETCH, scheduler.now());
        if (registers.streamTableTwoLevel()) {
            int index = flight.sid >>> registers.streamTableSplit();
            flight.fetchAddress = registers.streamTableBase() + ((long) index << Ste.L1_SHIFT);
            level1Fetches.increment();
            port.read(flight.lane, flight.fetchAddress, Ste.L1_BYTES, this, OP_L1, flight.id);
        } else {
            readSte(flight, registers.streamTableBase() + ((long) flight.sid << Ste.SHIFT));
        }
    }

    private void readSte(Flight flight, long address) {
        steFetches.increment();
        flight.fetchAddress = address;
        port.read(flight.lane, address, Ste.BYTES, this, OP_STE, flight.id);
    }

    /** Goes on from a level-1 descriptor: it says where the STEs of 2^SPLIT streams are, and how many there are. */
    private void levelOne(Flight flight, long descriptor) {
        int split = device.registers().streamTableSplit();
        int span = Ste.L1_SPAN.getInt(descriptor);
        int index = flight.sid & (1 << split) - 1;
        if (span == 0 || span > split + 1 || index >>> span - 1 != 0) {
            fault(flight, Event.C_BAD_STREAMID);
            return;
        }
        long table = Ste.L1_L2PTR.inPlace(descriptor) & -1L << span - 1 + Ste.SHIFT;
        readSte(flight, table + ((long) index << Ste.SHIFT));
    }

    @Override
    public void onEvent(int op, long arg) {
        Flight flight = device.flight((int) arg);
        if (op == OP_STE) {
            if (readWords(flight, SourceKind.DEVICE, flight.ste)) {
                decide(flight, false);
            } else {
                fault(flight, Event.F_STE_FETCH);
            }
        } else if (op == OP_L1) {
            if (port.reaches(memory, flight.fetchAddress, false)) {
                long descriptor = memory.read64(flight.fetchAddress);
                device.staleUse().read(flight, SourceKind.DEVICE, false, flight.fetchAddress, descriptor);
                levelOne(flight, descriptor);
            } else {
                fault(flight, Event.F_STE_FETCH);
            }
        } else if (op == OP_CD_L1) {
            cdLevel1(flight);
        } else if (readWords(flight, SourceKind.CONTEXT, flight.cd)) {
            flight.hasCd = true;
            decodeCd(flight, false);
        } else {
            fault(flight, Event.F_CD_FETCH);
        }
    }

    /** The one place where a structure's words are taken from memory. */
    private boolean readWords(Flight flight, SourceKind kind, long[] words) {
        long address = flight.fetchAddress;
        if (!port.reaches(memory, address, false)) {
            return false;
        }
        for (int i = 0; i < words.length; i++) {
            words[i] = memory.read64(address + 8L * i);
        }
        device.staleUse().read(flight, kind, true, address, words);
        if (watchers.anybodyHears(DescriptorWatcher.class)) {
            watchers.tell(DescriptorWatcher.class, watcher -> watcher.reads(device.name(), address, words));
        }
        return true;
    }

    /** Goes on from an STE: what to do with the stream, and whether a CD is needed. */
    void decide(Flight flight, boolean cached) {
        StreamConfig config = flight.config;
        int code = flight.decoded.ste(flight.ste, ids, device.registers().hostExtensions());
        if (!flight.hasCd) {
            flight.decoded.noCd();
        }
        if (code == Event.NONE) {
            code = device.ats().allowed(flight);
        }
        if (code == Event.NONE) {
            code = quirks ? anySubstream(flight, config) : substream(flight, config);
        }
        if (code != Event.NONE) {
            flight.decoded.noCd();
            fault(flight, code);
            return;
        }
        if (config.kind == Ste.ABORT) {
            flight.outcome = DmaOutcome.ABORT;
        }
        flight.stage1 = config.hasStage1() && (quirks || !bypassesStage1(flight, config));
        flight.stage2 = config.hasStage2();
        flight.vmid = config.vmid;
        flight.el2 = config.el2();
        if (flight.type == AddressType.TRANSLATED) {
            flight.stage1 = false;
            flight.stage2 = device.ats().carriesIpa(flight);
            if (!flight.stage2 && !flight.failed()) {
                device.ats().pass(flight);
            }
        }
        flight.usesTranslation = flight.stage2;
        if (!flight.stage1) {
            flight.decoded.noCd();
            device.sharedUnit().configured(flight, cached);
        } else if (flight.hasCd) {
            decodeCd(flight, cached);
        } else {
            fetchCd(flight, config);
        }
    }

    /** Rules of SubstreamIDs; 0 or the code of an event. */
    private static int substream(Flight flight, StreamConfig config) {
        if (config.kind == Ste.ABORT) {
            return Event.NONE;
        }
        if (flight.substream < 0) {
            boolean several = config.hasStage1() && config.s1CdMax != 0;
            return several && config.s1Dss == Ste.S1DSS_TERMINATE ? Event.F_STREAM_DISABLED : Event.NONE;
        }
        if (!config.hasStage1() || config.s1CdMax == 0 || flight.substream >>> config.s1CdMax != 0) {
            return Event.C_BAD_SUBSTREAMID;
        }
        return flight.substream == 0 && config.s1Dss == Ste.S1DSS_SSID0 ? Event.F_STREAM_DISABLED : Event.NONE;
    }

    /** gem5 knows no rules but that there is a CD; without a SubstreamID it is the first. */
    private static int anySubstream(Flight flight, StreamConfig config) {
        boolean several = config.hasStage1() && config.s1CdMax != 0;
        return several && Math.max(0, flight.substream) >>> config.s1CdMax != 0 ? Event.C_BAD_SUBSTREAMID : Event.NONE;
    }

    private static boolean bypassesStage1(Flight flight, StreamConfig config) {
        return flight.substream < 0 && config.s1CdMax != 0 && config.s1Dss == Ste.S1DSS_BYPASS;
    }

    private void fetchCd(Flight flight, StreamConfig config) {
        int index = config.s1CdMax == 0 ? 0 : Math.max(0, flight.substream);
        flight.atCdLevel1 = config.s1CdMax != 0 && config.s1Fmt != Ste.S1FMT_LINEAR;
        long offset = flight.atCdLevel1 ? 8L * (index >>> cdSplit(config)) : (long) index * Cd.BYTES;
        locate(flight, config.s1ContextPtr + offset);
    }

    private static int cdSplit(StreamConfig config) {
        return config.s1Fmt == Ste.S1FMT_4K_L2 ? Cd.SPLIT_4K : Cd.SPLIT_64K;
    }

    /** Under a stage 2 the address of a CD, or of its level-1 descriptor, is an IPA. */
    private void locate(Flight flight, long address) {
        if (!flight.stage2) {
            readCd(flight, address);
            return;
        }
        Walk walk = flight.walk();
        walk.request(flight.request());
        walk.stage1().clear();
        walk.stage2().copyFrom(flight.config.stage2);
        checks.adapt(walk.stage2());
        walk.tags(0, SharedUnit.stage2Tag(flight.vmid));
        flight.walkingForCd = true;
        device.sharedUnit().tables(flight, -1, false);
        walker.translateStructure(walk, address);
        if (flight.stale) {
            walk.forbidRefill();
        }
    }

    /** Stage 2 has translated, or refused, the address of the CD. */
    void cdTranslated(Flight flight) {
        flight.walkingForCd = false;
        Walk walk = flight.walk();
        if (walk.fault() == WalkFault.NONE) {
            readCd(flight, walk.output());
        } else {
            device.sharedUnit().walkFailed(flight, Event.CLASS_CD);
        }
    }

    private void readCd(Flight flight, long address) {
        flight.request().enter(Station.CONFIG_FETCH, scheduler.now());
        flight.fetchAddress = address;
        if (flight.atCdLevel1) {
            level1Fetches.increment();
            port.read(flight.lane, address, Long.BYTES, this, OP_CD_L1, flight.id);
        } else {
            cdFetches.increment();
            port.read(flight.lane, address, Cd.BYTES, this, OP_CD, flight.id);
        }
    }

    private void cdLevel1(Flight flight) {
        if (!port.reaches(memory, flight.fetchAddress, false)) {
            fault(flight, Event.F_CD_FETCH);
            return;
        }
        long descriptor = memory.read64(flight.fetchAddress);
        device.staleUse().read(flight, SourceKind.CONTEXT, false, flight.fetchAddress, descriptor);
        if (!Cd.L1_V.isSet(descriptor) || !flight.stage2 && ids.refuses(Cd.L1_L2PTR.inPlace(descriptor))) {
            fault(flight, Event.C_BAD_SUBSTREAMID);
            return;
        }
        flight.atCdLevel1 = false;
        int index = Math.max(0, flight.substream) & (1 << cdSplit(flight.config)) - 1;
        locate(flight, Cd.L1_L2PTR.inPlace(descriptor) + (long) index * Cd.BYTES);
    }

    private void decodeCd(Flight flight, boolean cached) {
        int code = flight.decoded.cd(flight.cd, ids);
        if (code != Event.NONE) {
            fault(flight, code);
            return;
        }
        flight.asid = flight.config.asid;
        flight.usesTranslation = true;
        device.sharedUnit().configured(flight, cached);
    }

    private void fault(Flight flight, int code) {
        flight.fail(DmaOutcome.FAULT, code);
        device.sharedUnit().refused(flight);
    }
}
