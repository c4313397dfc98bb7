package org.iommusim.sim.program;

import java.util.function.Function;
import java.util.function.ObjIntConsumer;
import java.util.function.Predicate;
import java.util.function.ToIntFunction;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * One instruction of a program. Those with an id are atomic steps that happen at one point of simulated time; the others
 * only steer and happen together with the step before them.
 *
 * @param <F> type of the frame
 */
public sealed interface Instruction<F> {
    /** Text for listings: the step's id, or what it steers. */
    String id();

    /** An atomic step; {@code body} answers 0 or an error. */
    record Step<F>(
            String id,
            Footprint footprint,
            HostCost cost,
            ToIntFunction<F> body,
            @Nullable Undo<F> undo) implements Instruction<F> {}

    /** Spends a computed time (ps) on the task's CPU. */
    record Spend<F>(String id, ToLongFunction<F> ps) implements Instruction<F> {}

    /** Takes a lock, sleeping or spinning until it is granted; its release is an undo that always runs. */
    record Acquire<F>(String id, Function<F, Lock> lock, Lock.Mode mode) implements Instruction<F> {}

    /** Runs the undo of an earlier step now instead of at the end: an unlock or a put in mid-program. */
    record UndoNow<F>(String id) implements Instruction<F> {}

    /** Drops the undo of an earlier step: what it holds is kept beyond the program. */
    record Keep<F>(String id) implements Instruction<F> {}

    /** Sleeps until a condition holds or a timeout passes; {@code onTimeout} answers 0 or an error. */
    record Await<F>(
            String id,
            Footprint footprint,
            Function<F, WaitQueue> queue,
            WaitQueue.Sleep mode,
            Predicate<F> until,
            @Nullable ToLongFunction<F> timeoutPs,
            ToIntFunction<F> onTimeout)
            implements Instruction<F> {}

    /**
     * Runs another program ({@code null}: nothing to do). Its error fails this program unless {@code answer} takes what it
     * answers (0 or an error).
     */
    record Invoke<F>(
            String id,
            Function<F, @Nullable Call<?>> call,
            @Nullable ObjIntConsumer<F> answer) implements Instruction<F> {}

    /** Goes on at {@code orElse} unless the condition holds; reads shared variables, so it is a step. */
    record Branch<F>(String id, Footprint footprint, Predicate<F> condition, int orElse) implements Instruction<F> {}

    /** Goes on at {@code orElse} unless the condition, which reads the frame only, holds. */
    record Unless<F>(String id, Predicate<F> condition, int orElse) implements Instruction<F> {}

    /** Goes on elsewhere. */
    record Jump<F>(String id, int target) implements Instruction<F> {}

    /** Ends the program with the answer of {@code result}: 0 or an error. */
    record Finish<F>(String id, ToIntFunction<F> result) implements Instruction<F> {}

    /** From here to the matching {@link EndGuard} a failure goes on at {@code ladder} and runs no collected undo. */
    record BeginGuard<F>(String id, int ladder) implements Instruction<F> {}

    /** Ends a guarded stretch: what it collected becomes part of the surrounding program. */
    record EndGuard<F>(String id) implements Instruction<F> {}

    /** Ends a ladder: the error that led here goes on. */
    record Rethrow<F>(String id) implements Instruction<F> {}
}
