package org.iommusim.scenario.run;

import java.util.List;
import java.util.function.LongConsumer;
import org.iommusim.iommufd.actor.RunListener;
import org.iommusim.iommufd.object.FaultInjection;
import org.iommusim.sim.time.Picoseconds;
import org.iommusim.sim.trace.TraceSink;
import org.iommusim.sim.variant.Variant;

/**
 * How to run; nothing here changes what happens before a limit is reached.
 *
 * @param trace is told of steps inside programs
 * @param listener is told what the collector is told
 * @param progress is told now and then how many events were run
 * @param patiencePs the run is ended when no step has ended for so long, ps; longer than any wait of a kernel
 * @param eventsMax the run is ended after so many events
 * @param faults makes steps of the kernel fail
 * @param variants known bugs that the software has
 * @param strict true if accepted deviations count as violations
 */
public record RunOptions(
        TraceSink trace,
        RunListener listener,
        LongConsumer progress,
        long patiencePs,
        long eventsMax,
        FaultInjection faults,
        List<Variant> variants,
        boolean strict) {
    /** Nobody else listens, nothing is made to fail; 200 s of patience, 4 billion events. */
    public static final RunOptions DEFAULT = new RunOptions(
            TraceSink.NONE,
            new RunListener() {},
            events -> {},
            200 * Picoseconds.S,
            4_000_000_000L,
            FaultInjection.NONE,
            List.of(),
            false);

    /** Copies the list. */
    public RunOptions {
        variants = List.copyOf(variants);
    }

    /** The same, with others who listen. */
    public RunOptions listening(TraceSink newTrace, RunListener newListener, LongConsumer newProgress) {
        return new RunOptions(newTrace, newListener, newProgress, patiencePs, eventsMax, faults, variants, strict);
    }

    /** The same with steps that are made to fail. */
    public RunOptions failing(FaultInjection newFaults) {
        return new RunOptions(trace, listener, progress, patiencePs, eventsMax, newFaults, variants, strict);
    }

    /** The same with known bugs. */
    public RunOptions with(List<Variant> newVariants) {
        return new RunOptions(trace, listener, progress, patiencePs, eventsMax, faults, newVariants, strict);
    }

    /** The same, accepting no deviation or those of the kernel. */
    public RunOptions strict(boolean newStrict) {
        return new RunOptions(trace, listener, progress, patiencePs, eventsMax, faults, variants, newStrict);
    }

    /** The same with another limit of events. */
    RunOptions atMost(long events) {
        return new RunOptions(trace, listener, progress, patiencePs, events, faults, variants, strict);
    }
}
