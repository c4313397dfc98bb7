package org.iommusim.sim.explore;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** The reduced searches reach exactly the traces and the violations of the naive one. */
class DporDifferentialTest {

    private static Traces naive(Supplier<? extends Subject> subjects) {
        Traces traces = new Traces(subjects.get());
        new NaiveSearch(traces).explore(subjects, Bounds.unlimited(), ExploreProgress.NONE);
        return traces;
    }

    private static Traces reduced(Supplier<? extends Subject> subjects, boolean sleepSetsOnly) {
        Traces traces = new Traces(subjects.get());
        Exploration e = new SourceDpor(sleepSetsOnly, traces).explore(subjects, Bounds.unlimited(), ExploreProgress.NONE);
        System.out.println(e);
        return traces;
    }

    static void compare(Supplier<? extends Subject> subjects) {
        Traces naive = naive(subjects);
        System.out.println("naive " + naive.schedules + " " + naive.traces.size());
        for (boolean sleepSetsOnly : new boolean[] {true, false}) {
            Traces reduced = reduced(subjects, sleepSetsOnly);
            assertThat(reduced.traces).isEqualTo(naive.traces);
            assertThat(reduced.violations).isEqualTo(naive.violations);
            assertThat(reduced.schedules).isEqualTo(reduced.traces.size());
        }
    }

    @Test
    void toyProtocol() {
        compare(() -> new ToyProtocol(2, 0));
    }

    @Test
    void toyProtocolWithBugs() {
        compare(() -> new ToyProtocol(2, 1));
        compare(() -> new ToyProtocol(2, 2));
    }

    @Test
    void toyProtocolOfThree() {
        Traces sleeping = reduced(() -> new ToyProtocol(3, 0), true);
        Traces source = reduced(() -> new ToyProtocol(3, 0), false);
        assertThat(source.traces).isEqualTo(sleeping.traces).hasSize(9_642);
    }
}
