package org.iommusim.benchmarks;

import java.util.concurrent.TimeUnit;
import org.iommusim.sim.random.RandomStream;
import org.iommusim.sim.random.RandomStreams;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The hold model: a fixed number of events is pending; each that fires schedules one. The score is million events per
 * second, of queue and loop alone. Compare queues within one run; see README.md.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
        value = 3,
        jvmArgsAppend = {"-XX:+UseSerialGC", "-Xms1g", "-Xmx1g"})
public class EventQueueHold {

    /** How many events are pending. */
    @Param({"100", "10000", "1000000"})
    public int pending;

    /** How far ahead they are scheduled. */
    @Param({"exp", "hw", "hwps"})
    public String delays = "";

    /** Last, so that the queues that are compared run one after the other. */
    @Param({"near", "radix", "heap", "objects"})
    public String queue = "";

    private final RandomStream random = new RandomStreams(1).split("hold");
    private DelayMix mix = DelayMix.of("hw");
    private HoldLoop loop = HoldLoop.of("radix", 0);

    /** Fills the queue and lets it reach its steady mix of remaining delays. */
    @Setup(Level.Trial)
    public void fill() {
        mix = DelayMix.of(delays);
        loop = HoldLoop.of(queue, pending);
        for (int event = 0; event < pending; event++) {
            loop.fill(event, mix.next(random));
        }
        for (int i = 0; i < 2 * pending; i++) {
            hold();
        }
    }

    /**
     * One event.
     *
     * @return its time, so that nothing is optimised away
     */
    @Benchmark
    public long hold() {
        return loop.hold(mix.next(random));
    }

    /**
     * One event, after a look whether it is due: a run that stops at a given time does so.
     *
     * @return its time
     */
    @Benchmark
    public long peekAndHold() {
        return loop.peek() == Long.MAX_VALUE ? 0 : loop.hold(mix.next(random));
    }
}
