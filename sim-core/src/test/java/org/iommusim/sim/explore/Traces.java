package org.iommusim.sim.explore;

import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** What a search reached: the traces of its schedules, each with what the checkers said at its end. */
final class Traces implements ScheduleListener {
    final Set<String> traces = new TreeSet<>();
    final Set<String> violations = new TreeSet<>();
    private final TraceHash hash = new TraceHash();
    private final Subject again;
    private final int mark;
    long schedules;

    /** Works traces out on a subject of its own. */
    Traces(Subject again) {
        this.again = again;
        mark = again.mark();
        again.recordAccesses(true);
    }

    @Override
    public void ended(Cursor schedule, boolean violated) {
        schedules++;
        hash.backTo(0);
        boolean right = true;
        for (int i = 0; i < schedule.depth(); i++) {
            int lane = schedule.lane(i);
            boolean dependsOnAll = again.dependsOnAll(lane);
            right = again.step(lane);
            hash.add(lane, again.accesses(), dependsOnAll || !right);
        }
        if (right) {
            right = again.end();
        }
        if (right == violated) {
            throw new AssertionError("the same schedule was judged in two ways");
        }
        String said = violated ? said() : "";
        if (violated) {
            violations.add(said);
        }
        traces.add(Long.toHexString(hash.value()) + said);
        again.undoTo(mark);
    }

    /** Times are labels that depend on the order in which a trace ran. */
    private String said() {
        return again.violations().stream()
                .map(violation -> " " + violation.checker() + ": " + violation.message())
                .collect(Collectors.joining());
    }
}
