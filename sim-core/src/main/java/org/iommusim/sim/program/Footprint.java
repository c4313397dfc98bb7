package org.iommusim.sim.program;

import java.util.List;
import java.util.stream.Collectors;
import org.iommusim.sim.world.Variable;

/**
 * The shared variables that a step says it touches. The declaration is documentation that a test holds true: what really
 * is read and written is recorded cell by cell.
 *
 * @param variables the variables, read or written
 */
public record Footprint(List<Variable> variables) {
    /** Touches only the task's own frame. */
    public static final Footprint LOCAL = new Footprint(List.of());

    /** Copies the list. */
    public Footprint {
        variables = List.copyOf(variables);
    }

    /** A footprint of these variables. */
    public static Footprint of(Variable... variables) {
        return new Footprint(List.of(variables));
    }

    /** This footprint and more variables. */
    public Footprint and(Variable... more) {
        List<Variable> all = new java.util.ArrayList<>(variables);
        all.addAll(List.of(more));
        return new Footprint(all);
    }

    /** This footprint and all of another one. */
    public Footprint and(Footprint more) {
        return and(more.variables.toArray(Variable[]::new));
    }

    /** The variables' names, in the order of the declaration, each once. */
    public String text() {
        return variables.stream().map(Variable::name).distinct().collect(Collectors.joining(", "));
    }
}
