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
 * Reads root and context entries, and PASID directory and table entries. An entry is read by one request, and taken in atoms of
 * 128 bits, each in an event of its own: software that stores words of an entry meanwhile may be seen half done. So drivers
 * found it (a PASID entry that was zeroed while present was used without its tables); a root entry and a context entry of
 * legacy mode are one atom.
 */
final class ConfigFetch implements EventHandler {
    private static final int OP_ROOT = 0;
    private static final int OP_CONTEXT = 1;
    private static final int OP_DIRECTORY = 2;
    private static final int OP_PASID = 3;
    private static final int OP_CONTEXT_ATOM = 4;
    private static final int OP_PASID_ATOM = 5;

    private static final int ATOM_WORDS = 2;

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
        port.readTable(flight.lane, address, bytes, this, op, flight.id);
    }

    @Override
    public void onEvent(int op, long arg) {
        Flight flight = device.flight((int) arg);
        switch (op) {
            case OP_ROOT -> root(flight, reached(flight));
            case OP_CONTEXT -> context(flight, reached(flight));
            case OP_DIRECTORY -> directory(flight, reached(flight));
            case OP_PASID -> pasid(flight, reached(flight));
            case OP_CONTEXT_ATOM -> contextAtom(flight);
            case OP_PASID_ATOM -> pasidAtom(flight);
            default -> throw new IllegalArgumentException("config fetch op " + op);
        }
    }

    private boolean reached(Flight flight) {
        return port.reaches(memory, flight.fetchAddress, false);
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
        Arrays.fill(flight.context, 0);
        flight.taken = 0;
        contextAtom(flight);
    }

    private void contextAtom(Flight flight) {
        int words = flight.scalable ? ScalableContextEntry.WORDS : ContextEntry.WORDS;
        if (isWhole(flight, flight.context, words, OP_CONTEXT_ATOM)) {
            taken(flight, SourceKind.DEVICE, flight.scalable ? flight.context : Arrays.copyOf(flight.context, words));
            path.contextRead(flight);
        }
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
        flight.taken = 0;
        pasidAtom(flight);
    }

    private void pasidAtom(Flight flight) {
        if (isWhole(flight, flight.pasidEntry, PasidEntry.WORDS, OP_PASID_ATOM)) {
            taken(flight, SourceKind.CONTEXT, flight.pasidEntry);
            path.pasidRead(flight);
        }
    }

    /** Takes the next atom of an entry; true if it was the last one, otherwise {@code op} takes the next. */
    private boolean isWhole(Flight flight, long[] words, int count, int op) {
        int first = flight.taken;
        for (int i = first; i < first + ATOM_WORDS; i++) {
            words[i] = memory.read64(flight.fetchAddress + 8L * i);
        }
        flight.taken = first + ATOM_WORDS;
        if (flight.taken == count) {
            return true;
        }
        scheduler.at(flight.lane, scheduler.now(), this, op, flight.id);
        return false;
    }

    private void taken(Flight flight, SourceKind kind, long[] read) {
        long address = flight.fetchAddress;
        device.staleUse().read(flight, kind, true, address, read);
        if (watchers.anybodyHears(DescriptorWatcher.class)) {
            watchers.tell(DescriptorWatcher.class, watcher -> watcher.reads(device.name(), address, read));
        }
    }
}
