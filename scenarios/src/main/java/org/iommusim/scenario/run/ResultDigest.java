package org.iommusim.scenario.run;

import java.util.SortedMap;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.hw.dma.Station;
import org.iommusim.sim.check.Violation;
import org.iommusim.sim.trace.RunDigest;

/** Adds everything observable to a digest; each kind of thing begins with a number of its own. */
final class ResultDigest {
    private static final int STEP = 1;
    private static final int OBJECT = 2;
    private static final int DEVICE = 3;
    private static final int EVENT = 4;
    private static final int DMA = 5;
    private static final int STATISTIC = 6;
    private static final int VIOLATION = 7;
    private static final int UNFINISHED = 8;
    private static final int END = 9;

    private static final Station[] STATIONS = Station.values();

    private final RunDigest digest = new RunDigest();

    void step(long timePs, String actor, int index, String verb, int errno, SortedMap<String, Long> outputs) {
        digest.add(STEP);
        digest.add(timePs);
        digest.add(actor);
        digest.add(index);
        digest.add(verb);
        digest.add(errno);
        digest.add(outputs.size());
        outputs.forEach((name, value) -> {
            digest.add(name);
            digest.add((long) value);
        });
    }

    void object(RunResult.ObjectChange change) {
        digest.add(OBJECT);
        digest.add(change.timePs());
        digest.add(change.context());
        digest.add(change.type());
        digest.add(change.id());
        digest.add(change.change());
        digest.add(change.detail());
    }

    void device(long timePs, String device, String change) {
        digest.add(DEVICE);
        digest.add(timePs);
        digest.add(device);
        digest.add(change);
    }

    void event(long timePs, String iommu, String text) {
        digest.add(EVENT);
        digest.add(timePs);
        digest.add(iommu);
        digest.add(text);
    }

    void dma(int traffic, DmaRequest request) {
        digest.add(DMA);
        digest.add(traffic);
        digest.add(request.id());
        digest.add(request.iova());
        digest.add(request.attemptedAt());
        digest.add(request.issuedAt());
        digest.add(request.translatedAt());
        digest.add(request.answeredAt());
        digest.add(request.outcome().ordinal());
        digest.add(request.physicalAddress());
        digest.add(request.faultCode());
        for (Station station : STATIONS) {
            digest.add(request.ticks(station));
        }
    }

    void statistic(RunResult.StatisticValue statistic) {
        digest.add(STATISTIC);
        digest.add(statistic.name());
        digest.add(statistic.value());
    }

    void violation(Violation violation) {
        digest.add(VIOLATION);
        digest.add(violation.timePs());
        digest.add(violation.checker());
        digest.add(violation.message());
    }

    void unfinished(RunResult.Unfinished unfinished) {
        digest.add(UNFINISHED);
        digest.add(unfinished.actor());
        digest.add(unfinished.position());
    }

    /** The digest of all that was added, and of when the run ended. */
    String end(long timePs) {
        digest.add(END);
        digest.add(timePs);
        return digest.hex();
    }
}
