package org.iommusim.sim.program;

/**
 * Who gave memory back: for the message about whoever uses it afterwards.
 *
 * @param task the task's name, or what else it was
 * @param program the innermost program that it ran
 * @param step the step of that program
 */
public record FreedBy(String task, String program, String step) {
    @Override
    public String toString() {
        return "by " + task + (program.isEmpty() ? "" : " in " + program + ": " + step);
    }
}
