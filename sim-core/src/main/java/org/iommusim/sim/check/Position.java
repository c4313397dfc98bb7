package org.iommusim.sim.check;

import java.util.List;

/**
 * Where a task stood when something went wrong.
 *
 * @param task its name
 * @param programs what it runs, outermost program first
 * @param step the step of the innermost program
 * @param holds the locks that it holds, in the order in which it took them
 * @param waitsFor the lock or wait queue that it waits for, or empty
 */
public record Position(String task, List<String> programs, String step, List<String> holds, String waitsFor) {
    /** Copies the lists. */
    public Position {
        programs = List.copyOf(programs);
        holds = List.copyOf(holds);
    }

    /** True if the task is inside of a program of this name. */
    public boolean in(String program) {
        return programs.contains(program);
    }

    /** One line, e.g. {@code vmm in IOMMU_DESTROY > iommufd_object_remove: kfree, holds igroup->lock}. */
    @Override
    public String toString() {
        return task + " in " + String.join(" > ", programs) + ": " + step
                + (holds.isEmpty() ? "" : ", holds " + String.join(", ", holds))
                + (waitsFor.isEmpty() ? "" : ", waits for " + waitsFor);
    }
}
