package org.iommusim.sim.explore;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import org.iommusim.sim.explore.RandomSchedules.Method;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A stateless search allocates its tables once, and nothing for each of its tens of thousands of transitions. */
class StatelessAllocationTest {
    private static final long TABLES = 1 << 20;

    static Engine[] engines() {
        return new Engine[] {
            new NaiveSearch(),
            new SourceDpor(),
            SourceDpor.sleepSetsOnly(),
            RandomSchedules.of(Method.PCT3, 1).withoutTraces(),
            RandomSchedules.of(Method.POS, 1).withoutTraces()
        };
    }

    @ParameterizedTest
    @MethodSource("engines")
    void shouldAllocateNothingPerTransition(Engine engine) {
        run(engine, 100); // loads what is loaded on first use
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        Exploration result = run(engine, 5_000);
        long allocated = threads.getCurrentThreadAllocatedBytes() - before;
        assertThat(result.schedules()).isEqualTo(5_000);
        assertThat(result.transitions()).isGreaterThan(15_000);
        assertThat(allocated).isLessThan(TABLES);
    }

    private static Exploration run(Engine engine, long schedules) {
        return engine.explore(
                () -> new ToyProtocol(3, 0), Bounds.unlimited().withMaxSchedules(schedules), ExploreProgress.NONE);
    }
}
