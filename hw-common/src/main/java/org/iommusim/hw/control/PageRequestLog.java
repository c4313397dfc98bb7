package org.iommusim.hw.control;

import java.util.ArrayDeque;
import org.iommusim.hw.ats.AtcInvalidations;
import org.iommusim.hw.iommu.AtsEndpoint;
import org.iommusim.hw.iommu.PageRequest;
import org.iommusim.hw.iommu.PageResponse;
import org.iommusim.hw.walk.RequestPort;
import org.iommusim.sim.event.EventHandler;
import org.iommusim.sim.event.Lane;
import org.iommusim.sim.memory.PhysicalMemory;
import org.iommusim.sim.stats.Counter;
import org.iommusim.sim.stats.Statistics;
import org.jspecify.annotations.Nullable;

/**
 * Writes page requests into a log in memory, one at a time and in order. First it is looked at whether the request may be made;
 * one that may not, or that the log does not take, or that cannot be written, is the vendor's to answer.
 */
public final class PageRequestLog implements EventHandler {
    /** A vendor's log and its rules. */
    public interface Rules {
        /** Looks a request up, and calls {@link PageRequestLog#checked} once, now or later. */
        void check(PageRequest request);

        /** True if a request whose record has arrived in memory is not to be written any more; it is {@link #unwritable}. */
        default boolean stopped() {
            return false;
        }

        /** The record of a request cannot be written. */
        void unwritable(PageRequest request);

        /** A request may not be made; {@code refusal} is what the check says. */
        void refused(PageRequest request, PageResponse refusal);

        /** True if the log takes the request; otherwise it has been dealt with. */
        boolean takes(PageRequest request);

        /** Where the next record goes. */
        long address();

        /** Bytes in a record. */
        int bytes();

        /** A record is on its way. */
        default void issued() {}

        /** Puts the record of a request into memory. */
        void write(PhysicalMemory memory, long address, PageRequest request);

        /** The record of a request is in memory. */
        void written(PageRequest request);
    }

    private final Rules rules;
    private final AtcInvalidations endpoints;
    private final RequestPort port;
    private final PhysicalMemory memory;
    private final Lane lane;
    private final ArrayDeque<PageRequest> waiting = new ArrayDeque<>();
    private final Counter recorded;
    private final Counter lost;
    private final Counter autoResponses;
    /** The first request is being checked or written. */
    private boolean working;

    private Runnable settled = () -> {};

    /**
     * Nothing waits.
     *
     * @param endpoints who may be answered
     * @param lane where writes take their time
     * @param statistics where the log's counters go
     */
    public PageRequestLog(
            Rules rules,
            AtcInvalidations endpoints,
            Lane lane,
            RequestPort port,
            PhysicalMemory memory,
            Statistics statistics) {
        this.rules = rules;
        this.endpoints = endpoints;
        this.lane = lane;
        this.port = port;
        this.memory = memory;
        recorded = statistics.counter("recorded", "requests", "page requests written to the queue");
        lost = statistics.counter("lost", "requests", "page requests that were not written to the queue");
        autoResponses = statistics.counter("auto_responses", "responses", "responses made without software");
    }

    /** Where writes take their time. */
    public Lane lane() {
        return lane;
    }

    /** Who is told whenever a request is written or dropped. */
    public void whenSettled(Runnable client) {
        settled = client;
    }

    /** How many requests have arrived that are neither written nor dropped. */
    public int pending() {
        return waiting.size();
    }

    /** A page request has arrived. */
    public void arrived(PageRequest request) {
        waiting.add(request);
        next();
    }

    private void next() {
        PageRequest request = waiting.peek();
        if (!working && request != null) {
            working = true;
            rules.check(request);
        }
    }

    /** The first request has been looked up; {@code refusal} is not {@code null} if it may not be made. */
    public void checked(@Nullable PageResponse refusal) {
        PageRequest request = waiting.element();
        if (refusal != null) {
            lost.increment();
            rules.refused(request, refusal);
            done();
        } else if (rules.takes(request)) {
            long address = rules.address();
            rules.issued();
            port.write(lane, address, rules.bytes(), this, 0, address);
        } else {
            lost.increment();
            done();
        }
    }

    /** Answers a group without software, if this is its last request. Stop markers are never answered. */
    public void answer(PageRequest request, int pasid, PageResponse response) {
        if (request.last()) {
            respond(request, pasid, response);
        }
    }

    /** Answers a request without software, if it is no stop marker and there is somebody to answer. */
    public void respond(PageRequest request, int pasid, PageResponse response) {
        AtsEndpoint endpoint = endpoints.endpoint(request.requesterId());
        if (!request.stopMarker() && endpoint != null) {
            autoResponses.increment();
            endpoint.respond(request.group(), pasid, response);
        }
    }

    private void done() {
        waiting.remove();
        working = false;
        settled.run();
        next();
    }

    @Override
    public void onEvent(int op, long address) {
        PageRequest request = waiting.element();
        if (!rules.stopped() && port.reaches(memory, address, true)) {
            rules.write(memory, address, request);
            recorded.increment();
            rules.written(request);
        } else {
            lost.increment();
            rules.unwritable(request);
        }
        done();
    }
}
