package org.iommusim.amdvi;

import org.iommusim.amdvi.spec.Event;
import org.iommusim.hw.dma.AddressType;
import org.iommusim.hw.dma.DmaOutcome;
import org.iommusim.hw.pipeline.RequestPath;
import org.iommusim.sim.stats.Counter;

/**
 * Ends requests that are refused, and makes the event of it: which record, with which flags, or none. Page faults of a function
 * are silent as its device table entry says (SA: all; SE: all but the first since the entry was read). What a translation request
 * is not granted because of tables is an answer, and no event.
 */
final class FaultReport {
    private final DteCache entries;
    private final EventSink events;
    private final RequestPath<Flight> path;
    private final Counter suppressed;

    FaultReport(DteCache entries, EventSink events, RequestPath<Flight> path, Counter suppressed) {
        this.entries = entries;
        this.events = events;
        this.path = path;
        this.suppressed = suppressed;
    }

    /**
     * Ends a request with an event; a page that is translated ahead ends without.
     *
     * @param code of the event
     * @param flags of the event, in place, that do not follow from the request
     */
    void refuse(Flight flight, int code, long flags) {
        flight.fail(DmaOutcome.FAULT, code);
        flight.eventFlags = flags;
        if (!flight.prefetch) {
            report(flight);
        }
        path.answered(flight);
    }

    /** Ends a request without an event. */
    void abort(Flight flight) {
        flight.fail(DmaOutcome.ABORT, 0);
        path.answered(flight);
    }

    /** INVALID_DEVICE_REQUEST of a type. */
    void invalidRequest(Flight flight, int type) {
        refuse(flight, Event.INVALID_DEVICE_REQUEST, Event.INVALID_DEVICE_TYPE.with(0, type));
    }

    private void report(Flight flight) {
        if (flight.code == Event.IO_PAGE_FAULT && silent(flight)) {
            suppressed.increment();
            return;
        }
        boolean table = flight.code == Event.DEV_TAB_HARDWARE_ERROR || flight.code == Event.PAGE_TAB_HARDWARE_ERROR;
        events.record(word0(flight), table ? flight.eventAddress : flight.iova);
    }

    private boolean silent(Flight flight) {
        return flight.config.suppressAll || flight.config.suppressRepeated && !entries.reportsFirst(flight.sid);
    }

    private static long word0(Flight flight) {
        long flags = flight.eventFlags | of(flight);
        long word = Event.word0(flight.code, flight.sid, flags);
        if (flight.hasPasid()) {
            return Event.withPasid(word, flight.substream);
        }
        boolean domain = flight.code == Event.IO_PAGE_FAULT || flight.code == Event.PAGE_TAB_HARDWARE_ERROR;
        return domain ? Event.withDomain(word, flight.config.domainId) : word;
    }

    /** What follows from the request. */
    private static long of(Flight flight) {
        boolean asks = flight.type == AddressType.TRANSLATION_REQUEST;
        long common = (flight.hasPasid() ? Event.GN : 0) | (asks ? Event.TR : 0);
        boolean user = flight.hasPasid() && !flight.request().privileged();
        if (flight.code == Event.INVALID_DEVICE_REQUEST) {
            return common | (user ? Event.INVALID_DEVICE_US : 0);
        }
        return common
                | (user ? Event.US : 0)
                | (flight.executes() ? Event.NX : 0)
                | (flight.message ? Event.I : flight.request().write() ? Event.RW : 0);
    }
}
