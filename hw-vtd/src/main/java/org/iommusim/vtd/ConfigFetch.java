package org.iommusim.vtd;

import java.util.Arrays;
import org.iommusim.hw.check.DescriptorWatcher;
import org.iommusim.hw.check.SourceKind;
import org.iommusim.hw.dma.Station;
import org.iommusim.hw.walk.RequestPort;
import org.iommusim.sim.Simulation;
import org.iommusim.sim.event.EventHandler;
import org.iommusim.sim.event.Scheduler;
import org.iommusim.sim.memory.PhysicalMemory;
import org.iommusim.sim.program.Checkers;
import org.iommusim.sim.stats.Counter;
import org.iommusim.sim.stats.Statistics;
import org.iommusim.vtd.format.PasidDecoder;
import org.iommusim.vtd.format.RootDecoder;
import org.iommusim.vtd.spec.ContextEntry;
import org.iommusim.vtd.spec.FaultReason;
import org.iommusim.vtd.spec.PasidDirEntry;
import org.iommusim.vtd.spec.PasidEntry;
import org.iommusim.vtd.spec.RootEntry;
import org.iommusim.vtd.spec.ScalableContextEntry;

/**
 * Reads root and context entries, and PASID directory and table entries. An entry is read by one request, and looked at in
 * 64-bit words, all in the event of the reply: an update by software between two such replies is seen word by word only in so
 * far as its stores are events of their own.
 */
final class ConfigFetch implements EventHandler {
    private static final int OP_ROOT = 0;
    private static final int OP_CONTEXT = 1;
    private static final int OP_DIRECTORY = 2;
    private static final int OP_PASID = 3;

    private final VtdDevice device;
    private final ConfigPath path;
    private final Scheduler scheduler;
    private final RequestPort port;
    private final PhysicalMemory memory;
    private final int haw;
    private final Checkers watchers;
    private final Counter rootFetches;
    private final Counter contextFetches;
    private final Counter directoryFetches;
    private final Counter pasidFetches;

    ConfigFetch(
            VtdDevice device,
            ConfigPath path,
            Simulation sim,
            String name,
            VtdParameters p,
            RequestPort port,
            PhysicalMemory memory) {
        this.device = device;
        this.path = path;
        this.port = port;
        this.memory = memory;
        scheduler = sim.scheduler();
        haw = p.value("haw");
        watchers = sim.checkers();
        Statistics statistics = sim.statistics().under(name);
        rootFetches = statistics.counter("root_fetches", "reads", "root entries read from memory");
        contextFetches = statistics.counter("context_fetches", "reads", "context entries read from memory");
        directoryFetches =
                statistics.counter("pasid_directory_fetches", "reads", "PASID directory entries read from memory");
        pasidFetches = statistics.counter("pasid_fetches", "reads", "PASID table entries read from memory");
    }

    /** Reads the root entry and then the context entry of a flight's source. */
    void context(Flight flight) {
        rootFetches.increment();
        read(flight, RootEntry.address(device.registers().rootTable(), flight.sid), RootEntry.BYTES, OP_ROOT);
    }

    /** Reads the PASID directory entry and then the PASID table entry of a flight's PASID. */
    void pasid(Flight flight) {
        directoryFetches.increment();
        flight.pasidFrom = flight.trail == null ? 0 : flight.trail.size();
        long address = PasidDirEntry.address(flight.function.directory, flight.pasid);
        read(flight, address, PasidDirEntry.BYTES, OP_DIRECTORY);
    }

    private void read(Flight flight, long address, int bytes, int op) {
        flight.request().enter(Station.CONFIG_FETCH, scheduler.now());
        flight.fetchAddress = address;
        port.read(flight.lane, address, bytes, this, op, flight.id);
    }

    @Override
    public void onEvent(int op, long arg) {
        Flight flight = device.flight((int) arg);
        boolean reached = port.reaches(memory, flight.fetchAddress, false);
        switch (op) {
            case OP_ROOT -> root(flight, reached);
            case OP_CONTEXT -> context(flight, reached);
            case OP_DIRECTORY -> directory(flight, reached);
            case OP_PASID -> pasid(flight, reached);
            default -> throw new IllegalArgumentException("config fetch op " + op);
        }
    }

    private void root(Flight flight, boolean reached) {
        boolean scalable = flight.scalable;
        if (!reached) {
            noContext(flight, scalable ? FaultReason.SM_ROOT_ACCESS : FaultReason.ROOT_ACCESS);
            return;
        }
        long w0 = memory.read64(flight.fetchAddress);
        long w1 = memory.read64(flight.fetchAddress + 8);
        device.staleUse().read(flight, SourceKind.DEVICE, false, flight.fetchAddress, w0, w1);
        long word = scalable && RootEntry.scalableWord(flight.sid) == 1 ? w1 : w0;
        int reason = scalable ? RootDecoder.scalable(word, haw) : RootDecoder.legacy(w0, w1, haw);
        if (reason != FaultReason.NONE) {
            noContext(flight, reason);
            return;
        }
        contextFetches.increment();
        long table = RootEntry.CTP.inPlace(word);
        if (scalable) {
            read(flight, ScalableContextEntry.address(table, flight.sid), ScalableContextEntry.BYTES, OP_CONTEXT);
        } else {
            read(flight, ContextEntry.address(table, flight.sid), ContextEntry.BYTES, OP_CONTEXT);
        }
    }

    private void noContext(Flight flight, int reason) {
        Arrays.fill(flight.context, 0);
        path.contextFetched(flight, reason);
    }

    private void context(Flight flight, boolean reached) {
        boolean scalable = flight.scalable;
        if (!reached) {
            noContext(flight, scalable ? FaultReason.SM_CONTEXT_ACCESS : FaultReason.CONTEXT_ACCESS);
            return;
        }
        words(flight, SourceKind.DEVICE, flight.context, scalable ? ScalableContextEntry.WORDS : ContextEntry.WORDS);
        path.contextRead(flight);
    }

    private void directory(Flight flight, boolean reached) {
        if (!reached) {
            noPasid(flight, FaultReason.PASID_DIR_ACCESS);
            return;
        }
        long word = memory.read64(flight.fetchAddress);
        device.staleUse().read(flight, SourceKind.CONTEXT, false, flight.fetchAddress, word);
        flight.quietDirectory = PasidDirEntry.FPD.isSet(word);
        int reason = PasidDecoder.directory(word, haw);
        if (reason != FaultReason.NONE) {
            noPasid(flight, reason);
            return;
        }
        pasidFetches.increment();
        long address = PasidEntry.address(PasidDirEntry.SMPTBLPTR.inPlace(word), flight.pasid);
        read(flight, address, PasidEntry.BYTES, OP_PASID);
    }

    private void noPasid(Flight flight, int reason) {
        Arrays.fill(flight.pasidEntry, 0);
        path.pasidFetched(flight, reason);
    }

    private void pasid(Flight flight, boolean reached) {
        if (!reached) {
            noPasid(flight, FaultReason.PASID_ACCESS);
            return;
        }
        words(flight, SourceKind.CONTEXT, flight.pasidEntry, PasidEntry.WORDS);
        path.pasidRead(flight);
    }

    /** The one place where an entry's words are taken from memory. */
    private void words(Flight flight, SourceKind kind, long[] words, int count) {
        long address = flight.fetchAddress;
        long[] read = count == words.length ? words : new long[count];
        for (int i = 0; i < count; i++) {
            read[i] = memory.read64(address + 8L * i);
        }
        Arrays.fill(words, count, words.length, 0);
        System.arraycopy(read, 0, words, 0, count);
        device.staleUse().read(flight, kind, true, address, read);
        if (watchers.anybodyHears(DescriptorWatcher.class)) {
            watchers.tell(DescriptorWatcher.class, watcher -> watcher.reads(device.name(), address, read));
        }
    }
}
