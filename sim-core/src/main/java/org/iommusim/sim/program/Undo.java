package org.iommusim.sim.program;

import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * How the effect of an acquiring step is taken back: as a step of its own, in reverse order of acquisition.
 *
 * @param id stable name of the undo step, e.g. {@code put viommu}
 * @param footprint what it touches
 * @param when at which ends of the program it runs
 * @param cost what the step spends
 * @param body the step, or {@code null} if {@code call} is set
 * @param call the program that takes it back, or {@code null}; its error is ignored
 * @param <F> type of the frame
 */
public record Undo<F>(
        String id,
        Footprint footprint,
        When when,
        HostCost cost,
        @Nullable Consumer<F> body,
        @Nullable Function<F, Call<?>> call) {
    /** At which ends of its program an undo runs. */
    public enum When {
        /** Whether the program succeeds or fails: a reference held for the call. */
        ALWAYS("at the end"),
        /** Only if the program fails. */
        ON_FAILURE("on failure"),
        /** Only if the program succeeds: what a kernel does whose error path forgets it. */
        ON_SUCCESS("on success");

        private final String words;

        When(String words) {
            this.words = words;
        }

        /** In words, for listings. */
        public String words() {
            return words;
        }

        /** True if it runs at an end that failed, or did not. */
        boolean includes(boolean failed) {
            return this == ALWAYS || (this == ON_FAILURE) == failed;
        }
    }

    /** An undo that runs whether the program succeeds or fails. */
    public static <F> Undo<F> always(String id, Footprint footprint, Consumer<F> body) {
        return new Undo<>(id, footprint, When.ALWAYS, HostCost.ATOMIC, body, null);
    }

    /** An undo that runs only if the program fails. */
    public static <F> Undo<F> onFailure(String id, Footprint footprint, Consumer<F> body) {
        return new Undo<>(id, footprint, When.ON_FAILURE, HostCost.ATOMIC, body, null);
    }

    /** An undo that is a program of its own and runs in both cases. */
    public static <F> Undo<F> alwaysCall(String id, Function<F, Call<?>> call) {
        return new Undo<>(id, Footprint.LOCAL, When.ALWAYS, HostCost.FREE, null, call);
    }

    /** An undo that is a program of its own and runs only if the program fails. */
    public static <F> Undo<F> onFailureCall(String id, Function<F, Call<?>> call) {
        return new Undo<>(id, Footprint.LOCAL, When.ON_FAILURE, HostCost.FREE, null, call);
    }

    /** The same at other ends of the program. */
    public Undo<F> at(When newWhen) {
        return new Undo<>(id, footprint, newWhen, cost, body, call);
    }
}
