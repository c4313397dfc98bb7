package org.iommusim.scenario.run;

import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.hw.dma.Station;
import org.iommusim.sim.stats.LatencyHistogram;

/** How long an IOMMU took for one traffic's requests, and where it found the answers. In steady state nothing is allocated. */
final class Translations {
    private static final Station[] STATIONS = Station.values();

    private final LatencyHistogram translation = new LatencyHistogram("translation", "");
    private final LatencyHistogram walk = new LatencyHistogram("walk", "");
    private long microHits;
    private long mainHits;
    private long sharedHits;
    private long walks;

    void add(DmaRequest request) {
        long whole = 0;
        // From the end of the beats at the door to the end of those at the port to memory.
        for (int i = Station.FRONT_END.ordinal() + 1; i < Station.DATA.ordinal(); i++) {
            whole += request.ticks(STATIONS[i]);
        }
        translation.record(whole);
        if (request.sharedHit()) {
            sharedHits++;
        } else if (request.misses() != 0) {
            walks++;
            walk.record(request.ticks(Station.WALK_CACHE)
                    + request.ticks(Station.WALK_LOGIC)
                    + request.ticks(Station.STAGE1_READ)
                    + request.ticks(Station.STAGE2_READ));
        } else if (request.ticks(Station.MAIN_TLB) != 0) {
            mainHits++;
        } else {
            microHits++;
        }
    }

    /** Adds all of another traffic's. */
    void add(Translations other) {
        translation.add(other.translation);
        walk.add(other.walk);
        microHits += other.microHits;
        mainHits += other.mainHits;
        walks += other.walks;
    }

    /** Times of the whole translation, or of the table walk alone. */
    LatencyHistogram times(String of) {
        return of.equals("walk") ? walk : translation;
    }

    /** How many translations came from there. */
    long found(String where) {
        return switch (where) {
            case "micro_tlb" -> microHits;
            case "main_tlb" -> mainHits;
            case "shared_tlb" -> sharedHits;
            default -> walks;
        };
    }
}
