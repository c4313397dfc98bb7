package org.iommusim.sim.check;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** Collects the violations of one run, in the order in which they were found. */
public final class ViolationLog {
    private final LongSupplier clock;
    private final Supplier<List<Position>> scene;
    private final List<Violation> violations = new ArrayList<>();
    private final List<Accepted> accepted = new ArrayList<>();
    private Function<Violation, Optional<String>> accepts = violation -> Optional.empty();

    /**
     * Makes an empty log.
     *
     * @param clock gives the current simulated time in ps
     */
    public ViolationLog(LongSupplier clock) {
        this(clock, List::of);
    }

    /**
     * Makes an empty log.
     *
     * @param clock gives the current simulated time in ps
     * @param scene tells where the busy tasks stand, the running one first; asked when something is reported
     */
    public ViolationLog(LongSupplier clock, Supplier<List<Position>> scene) {
        this.clock = clock;
        this.scene = scene;
    }

    /**
     * From now on what is known and accepted is kept apart.
     *
     * @param knownAs the stable name of what a finding shows, or empty if it is a violation
     */
    public void accept(Function<Violation, Optional<String>> knownAs) {
        accepts = knownAs;
    }

    /** Notes a finding at the current simulated time. */
    public void report(String checker, String message) {
        Violation found = new Violation(clock.getAsLong(), checker, message, scene.get());
        Optional<String> id = accepts.apply(found);
        if (id.isPresent()) {
            accepted.add(new Accepted(id.get(), found));
        } else {
            violations.add(found);
        }
    }

    /** All findings so far that are accepted, oldest first; a copy. */
    public List<Accepted> accepted() {
        return List.copyOf(accepted);
    }

    /** All violations so far, oldest first; a copy. */
    public List<Violation> violations() {
        return List.copyOf(violations);
    }

    /** All violations so far, oldest first; they are forgotten here. */
    public List<Violation> drain() {
        List<Violation> found = List.copyOf(violations);
        violations.clear();
        return found;
    }

    /** True while nothing was reported. */
    public boolean isEmpty() {
        return violations.isEmpty();
    }
}
