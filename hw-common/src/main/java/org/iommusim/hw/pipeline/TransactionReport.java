package org.iommusim.hw.pipeline;

import org.iommusim.hw.dma.DmaOutcome;
import org.iommusim.sim.Simulation;
import org.iommusim.sim.stats.Counter;
import org.iommusim.sim.stats.LatencyHistogram;
import org.iommusim.sim.stats.Statistics;
import org.iommusim.sim.trace.TraceSink;

/** What a device tells of its transactions: how many ended in which way, how long they took, and when each was inside. */
public final class TransactionReport {
    private final Simulation sim;
    private final TraceSink trace;
    private final Counter translated;
    private final Counter translationRequests;
    private final Counter bypassed;
    private final Counter faulted;
    private final Counter aborted;
    private final LatencyHistogram latency;

    /**
     * Of none yet.
     *
     * @param name of the device, and the path of its statistics
     * @param abortedText what it means that a request is aborted
     * @param latencyText from where to where the time of a translation counts
     */
    public TransactionReport(Simulation sim, String name, String abortedText, String latencyText) {
        this.sim = sim;
        trace = sim.trace();
        Statistics statistics = sim.statistics().under(name);
        translated = statistics.counter("translated", "requests", "requests translated");
        translationRequests =
                statistics.counter("translation_requests", "requests", "translation requests of functions answered");
        bypassed = statistics.counter("bypassed", "requests", "requests passed without translation");
        faulted = statistics.counter("faulted", "requests", "requests ended by a fault");
        aborted = statistics.counter("aborted", "requests", abortedText);
        latency = statistics.latency("translation", latencyText);
    }

    /** A transaction has arrived at the door. */
    public void arrived(Transaction transaction) {
        if (trace.detailed()) {
            trace.begin(
                    transaction.lane.name(),
                    sim.now(),
                    "sid 0x" + Integer.toHexString(transaction.sid) + " iova 0x" + Long.toHexString(transaction.iova));
        }
    }

    /** A transaction has left: past the port to memory, or ended. */
    public void left(Transaction transaction) {
        if (trace.detailed()) {
            trace.end(transaction.lane.name(), sim.now());
        }
    }

    /** A translation request is answered. */
    public void translationRequest() {
        translationRequests.increment();
    }

    /** A transaction that moves data has its answer. */
    public void answered(Transaction transaction) {
        DmaOutcome outcome = transaction.outcome;
        switch (outcome) {
            case OK -> translated.increment();
            case BYPASS -> bypassed.increment();
            case ABORT -> aborted.increment();
            default -> faulted.increment();
        }
        latency.record(sim.now() - transaction.receivedAt);
    }
}
