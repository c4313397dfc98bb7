package org.iommusim.sim.program;

import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * How the effect of an acquiring step is taken back: as a step of its own, in reverse order of acquisition.
 *
 * @param id stable name of the undo step, e.g. {@code put viommu}
 * @param footprint what it touches
 * @param always true if it also runs when the program succeeds (a reference held for the call), false if only on failure
 * @param cost what the step spends
 * @param body the step, or {@code null} if {@code call} is set
 * @param call the program that takes it back, or {@code null}; its error is ignored
 * @param <F> type of the frame
 */
public record Undo<F>(
        String id,
        Footprint footprint,
        boolean always,
        HostCost cost,
        @Nullable Consumer<F> body,
        @Nullable Function<F, Call<?>> call) {

    /** An undo that runs whether the program succeeds or fails. */
    public static <F> Undo<F> always(String id, Footprint footprint, Consumer<F> body) {
        return new Undo<>(id, footprint, true, HostCost.ATOMIC, body, null);
    }

    /** An undo that runs only if the program fails. */
    public static <F> Undo<F> onFailure(String id, Footprint footprint, Consumer<F> body) {
        return new Undo<>(id, footprint, false, HostCost.ATOMIC, body, null);
    }

    /** An undo that is a program of its own and runs in both cases. */
    public static <F> Undo<F> alwaysCall(String id, Function<F, Call<?>> call) {
        return new Undo<>(id, Footprint.LOCAL, true, HostCost.FREE, null, call);
    }

    /** An undo that is a program of its own and runs only if the program fails. */
    public static <F> Undo<F> onFailureCall(String id, Function<F, Call<?>> call) {
        return new Undo<>(id, Footprint.LOCAL, false, HostCost.FREE, null, call);
    }
}
