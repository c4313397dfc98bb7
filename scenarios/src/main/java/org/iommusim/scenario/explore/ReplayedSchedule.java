package org.iommusim.scenario.explore;

import java.util.List;
import org.iommusim.sim.check.Violation;

/**
 * A schedule as it was run again.
 *
 * @param lanes names of the lanes that take part, in the order of the machine
 * @param calls for each of them, the step of its script that it was at in the end, in words; empty if it has no script
 * @param rows its transitions
 * @param violations what the checkers said in the end; empty if nothing
 * @param problem why it could not be run to its end; empty if it could
 * @param digest SHA-256 of all that it shows, in hexadecimal
 */
public record ReplayedSchedule(
        List<String> lanes,
        List<String> calls,
        List<ScheduleRow> rows,
        List<Violation> violations,
        String problem,
        String digest) {
    /** Copies the lists. */
    public ReplayedSchedule {
        lanes = List.copyOf(lanes);
        calls = List.copyOf(calls);
        rows = List.copyOf(rows);
        violations = List.copyOf(violations);
    }

    /** True if the schedule could be run and some checker objected at its end. */
    public boolean violates() {
        return problem.isEmpty() && !violations.isEmpty();
    }
}
