package org.iommusim.sim.program;

import java.util.function.Predicate;
import java.util.function.ToIntFunction;

/**
 * Body of a step that only looks: it fails unless a condition holds.
 *
 * @param ok the condition
 * @param error what the step answers if it does not hold
 * @param <F> type of the frame
 */
public record Check<F>(Predicate<F> ok, int error) implements ToIntFunction<F> {
    @Override
    public int applyAsInt(F frame) {
        return ok.test(frame) ? 0 : error;
    }
}
