package org.iommusim.iommufd.actor;

import java.util.List;
import org.iommusim.sim.program.Call;

/**
 * One kind of step.
 *
 * @param actor who can do it
 * @param name as scenarios spell it in {@code "do"}; ioctls by their uAPI name, e.g. {@code IOMMU_VDEVICE_ALLOC}
 * @param summary one sentence
 * @param fields what it takes, besides the fields that every step has
 * @param body makes the program of one step
 * @param waits true if the step holds nothing in the kernel while it goes on: it only waits
 */
public record Verb(ActorKind actor, String name, String summary, List<Field> fields, Body body, boolean waits) {
    /** Copies the fields. */
    public Verb {
        fields = List.copyOf(fields);
    }

    /** A verb that acts. */
    public Verb(ActorKind actor, String name, String summary, List<Field> fields, Body body) {
        this(actor, name, summary, fields, body, false);
    }

    /** The same as one that only waits. */
    Verb waiting() {
        return new Verb(actor, name, summary, fields, body, true);
    }

    /** Turns a step into a program. */
    @FunctionalInterface
    public interface Body {
        /**
         * Makes the program that does the step; called when the step starts. The program's error is the step's errno;
         * results are bound by the program through the arguments.
         */
        Call<?> call(StepArguments step);
    }
}
