package org.iommusim.smmuv3;

import java.util.ArrayList;
import java.util.List;
import org.iommusim.hw.dma.DmaOutcome;
import org.iommusim.hw.dma.Station;
import org.iommusim.sim.Simulation;
import org.iommusim.sim.stats.Counter;
import org.iommusim.sim.stats.Statistics;
import org.iommusim.smmuv3.spec.Event;
import org.iommusim.smmuv3.spec.IdRegs;
import org.jspecify.annotations.Nullable;

/**
 * Transactions that are held because they faulted where the configuration says stall (Arm IHI 0070, stall model). Each has a
 * tag and an event record that names it; software answers with CMD_RESUME or CMD_STALL_TERM, or ends all of them by SMMUEN=0.
 *
 * <p>A record is never lost. Without a tag, or while the event queue cannot be written, the transaction is held without a
 * record, and is translated anew when that changes; then it may fault again, differently, or not at all. A held transaction
 * keeps its slot in the front end, but uses no configuration and no translation: no CMD_SYNC waits for it.
 */
final class StallBuffer {
    private final Smmuv3Device device;
    private final Simulation sim;
    private final @Nullable Flight[] byTag;
    private int nextTag;
    /** Held without a tag, in order. */
    private final List<Flight> untagged = new ArrayList<>();

    private final List<Flight> unwritable = new ArrayList<>();
    private final Counter stalled;
    private final Counter retried;
    private final Counter terminated;

    StallBuffer(Smmuv3Device device, Simulation sim, String name, IdRegs ids) {
        this.device = device;
        this.sim = sim;
        byTag = new Flight[ids.stallModel() == 1 ? 0 : Math.max(1, ids.stallMax())];
        Statistics statistics = sim.statistics().under(name + ".stalls");
        stalled = statistics.counter("stalled", "requests", "requests held until software answers their fault");
        retried = statistics.counter("retried", "requests", "held requests that were translated anew");
        terminated = statistics.counter("terminated", "requests", "held requests that were ended");
    }

    /** Holds a flight whose fault stalls; its record is in {@link Flight#record}. */
    void hold(Flight flight) {
        stalled.increment();
        flight.stalling = false;
        flight.request().enter(Station.STALLED, sim.now());
        if (!device.registers().enabled()) {
            terminate(flight);
        } else if (flight.stale) {
            // What it faulted by is invalidated: software must not hear of that any more.
            device.letGo(flight);
            retry(flight);
        } else {
            device.letGo(flight);
            tag(flight);
        }
    }

    private void tag(Flight flight) {
        // Round robin: a tag that software has just given back is used again as late as possible.
        for (int i = 0; i < byTag.length; i++) {
            int tag = (nextTag + i) % byTag.length;
            if (byTag[tag] == null) {
                byTag[tag] = flight;
                nextTag = (tag + 1) % byTag.length;
                long[] r = flight.record;
                device.events().record(r[0], Event.stalled(r[1], tag), r[2], r[3]);
                return;
            }
        }
        untagged.add(flight);
    }

    /** The record of a held flight could not be written, because the queue is full or disabled. */
    void unrecorded(long word0, long word1) {
        int tag = Event.STAG.getInt(word1);
        Flight flight = tag < byTag.length ? byTag[tag] : null;
        if (flight != null && flight.sid == Event.SID.getInt(word0)) {
            byTag[tag] = null;
            unwritable.add(flight);
        }
    }

    /** The event queue may be writable again. */
    void queueWritable() {
        List<Flight> again = List.copyOf(unwritable);
        unwritable.clear();
        again.forEach(this::retry);
    }

    /** CMD_RESUME; without effect unless the tag is that of a flight of this stream. Who is not aborted gets RAZ/WI. */
    void resume(int sid, int tag, boolean again, boolean abort) {
        Flight flight = tag < byTag.length ? byTag[tag] : null;
        if (flight == null || flight.sid != sid) {
            return;
        }
        byTag[tag] = null;
        if (again) {
            retry(flight);
        } else {
            terminate(flight, abort ? DmaOutcome.FAULT : DmaOutcome.RAZ_WI);
        }
        tagFreed();
    }

    /** Ends all flights of a stream that are held. */
    void terminateStream(int sid) {
        terminate(sid, false);
    }

    /** Ends all flights that are held. */
    void terminateAll() {
        terminate(0, true);
    }

    private void terminate(int sid, boolean everyStream) {
        for (int tag = 0; tag < byTag.length; tag++) {
            Flight flight = byTag[tag];
            if (flight != null && (everyStream || flight.sid == sid)) {
                byTag[tag] = null;
                terminate(flight);
            }
        }
        terminate(untagged, sid, everyStream);
        terminate(unwritable, sid, everyStream);
        tagFreed();
    }

    private void terminate(List<Flight> from, int sid, boolean everyStream) {
        for (Flight flight : List.copyOf(from)) {
            if (everyStream || flight.sid == sid) {
                from.remove(flight);
                terminate(flight);
            }
        }
    }

    private void tagFreed() {
        if (!untagged.isEmpty()) {
            retry(untagged.remove(0));
        }
    }

    private void retry(Flight flight) {
        retried.increment();
        flight.frontEnd().retry(flight);
    }

    private void terminate(Flight flight) {
        terminate(flight, DmaOutcome.FAULT);
    }

    private void terminate(Flight flight, DmaOutcome how) {
        terminated.increment();
        flight.fail(how, flight.code);
        flight.frontEnd().release(flight);
    }
}
