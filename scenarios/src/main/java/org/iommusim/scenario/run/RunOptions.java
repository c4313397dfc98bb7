package org.iommusim.scenario.run;

import java.util.function.LongConsumer;
import org.iommusim.iommufd.actor.RunListener;
import org.iommusim.sim.time.Picoseconds;
import org.iommusim.sim.trace.TraceSink;

/**
 * How to run; nothing here changes what happens before a limit is reached.
 *
 * @param trace is told of steps inside programs
 * @param listener is told what the collector is told
 * @param progress is told now and then how many events were run
 * @param patiencePs the run is ended when no step has ended for so long, ps; longer than any wait of a kernel
 * @param eventsMax the run is ended after so many events
 */
public record RunOptions(
        TraceSink trace, RunListener listener, LongConsumer progress, long patiencePs, long eventsMax) {
    /** Nobody else listens; 200 s of patience, 4 billion events. */
    public static final RunOptions DEFAULT =
            new RunOptions(TraceSink.NONE, new RunListener() {}, events -> {}, 200 * Picoseconds.S, 4_000_000_000L);

    /** The same, with others who listen. */
    public RunOptions listening(TraceSink newTrace, RunListener newListener, LongConsumer newProgress) {
        return new RunOptions(newTrace, newListener, newProgress, patiencePs, eventsMax);
    }
}
