package org.iommusim.scenario.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.iommusim.hw.dma.DmaOutcome;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.hw.dma.Station;
import org.iommusim.scenario.run.RunResult.TrafficResult;
import org.iommusim.sim.testkit.Gen;
import org.junit.jupiter.api.Test;

/** The total is put together from the traffics: it must be what a collector says that was told of every request. */
class TrafficCollectorTest {
    private static final int REQUESTS = 5_000;

    private final TrafficCollector first = new TrafficCollector("first", "a", 100);
    private final TrafficCollector second = new TrafficCollector("second", "b");
    private final TrafficCollector everything = new TrafficCollector("all", "");
    private final Activity activity = new Activity();

    private static DmaRequest request(Gen gen, int id) {
        DmaRequest request = new DmaRequest();
        long now = 1000L * id;
        request.begin(id, 0, DmaRequest.NO_PASID, 0x1000, 64, false, now);
        request.issued(now + gen.below(3));
        now += 10;
        // The walk's stations are first entered late, and by one traffic only.
        for (Station station : gen.oneIn(4) && id > REQUESTS / 2
                ? List.of(Station.MAIN_TLB, Station.WALK_LOGIC, Station.PORT)
                : List.of(Station.MICRO_TLB, Station.PORT)) {
            request.enter(station, now);
            now += 1 + gen.below(40);
        }
        if (request.ticks(Station.MAIN_TLB) != 0) {
            request.missed();
        }
        DmaOutcome outcome = gen.oneIn(10) ? DmaOutcome.FAULT : DmaOutcome.OK;
        request.translated(outcome, outcome == DmaOutcome.OK ? 0x2000 : -1, now);
        request.answered(now + gen.below(20));
        return request;
    }

    private void collect() {
        Gen gen = new Gen(7);
        for (int id = 0; id < REQUESTS; id++) {
            DmaRequest request = request(gen, id);
            (gen.oneIn(3) ? second : first).add(request);
            everything.add(request);
            activity.add(request.answeredAt());
        }
    }

    @Test
    void shouldAddUpToTheTotal() {
        collect();
        TrafficCollector total = TrafficCollector.total(List.of(first, second), activity);
        TrafficResult expected = everything.result();
        TrafficResult result = total.result();
        assertThat(result.id()).isEqualTo("all");
        assertThat(result.outcomes()).isEqualTo(expected.outcomes());
        assertThat(result.classes()).isEqualTo(expected.classes());
        assertThat(result.stations()).isEqualTo(expected.stations());
        assertThat(result.curve()).isEqualTo(expected.curve());
        assertThat(result.activity()).isEqualTo(expected.activity());
        for (String where : List.of("micro_tlb", "main_tlb", "walk")) {
            assertThat(total.translations().found(where))
                    .as(where)
                    .isEqualTo(everything.translations().found(where));
        }
        assertThat(total.translations().times("translation"))
                .hasToString(everything.translations().times("translation").toString());
    }

    @Test
    void shouldLeaveOutTheWarmUpOfATrafficButNotOfTheTotal() {
        collect();
        assertThat(first.latency().count() + second.latency().count())
                .isLessThan(TrafficCollector.total(List.of(first, second), activity)
                        .latency()
                        .count());
        assertThat(first.count("") + second.count("")).isEqualTo(REQUESTS);
    }
}
