package org.iommusim.scenario.report;

import org.iommusim.scenario.explore.ReplayedSchedule;
import org.iommusim.scenario.explore.WhatHappened;
import org.iommusim.scenario.language.CounterexampleFile;
import org.iommusim.sim.check.Violation;

/** A counterexample that was run again: as text for a terminal, and as a page of Markdown. */
public final class ReplayText {
    private static final String LEGEND = "> a step of a script begins, < it ends, · an object changes, ~ hardware,"
            + " | before a cell: a lock that the lane holds";

    private ReplayText() {}

    /** For a terminal. */
    public static String of(CounterexampleFile file, ReplayedSchedule schedule, Paint paint) {
        StringBuilder out = new StringBuilder();
        out.append(paint.bold(file.scenario().name()))
                .append("  ")
                .append(file.scenario().description())
                .append('\n');
        out.append("kernel ").append(file.title()).append("\n\n");
        ScheduleTable.print(schedule, paint, out);
        out.append(paint.dim(LEGEND)).append("\n\n").append(verdict(file, schedule, paint));
        return out.append("digest sha256:")
                .append(schedule.digest())
                .append('\n')
                .toString();
    }

    private static String verdict(CounterexampleFile file, ReplayedSchedule schedule, Paint paint) {
        if (!schedule.problem().isEmpty()) {
            return "NOT REPRODUCED  " + schedule.problem() + "\n";
        }
        if (schedule.violations().isEmpty()) {
            return "NOT REPRODUCED  the schedule ends and no check objects; it was found with " + file.checker() + ": "
                    + file.message() + "\n";
        }
        StringBuilder out = new StringBuilder();
        out.append(paint.bad("REPRODUCED"))
                .append("  ")
                .append(WhatHappened.in(schedule))
                .append('\n');
        for (Violation violation : schedule.violations()) {
            out.append("  ")
                    .append(violation.checker())
                    .append(": ")
                    .append(violation.message())
                    .append('\n');
        }
        if (schedule.violations().stream().noneMatch(v -> v.checker().equals(file.checker()))) {
            out.append("  it was found with another check: ")
                    .append(file.checker())
                    .append('\n');
        } else if (!schedule.digest().equals(file.digest())) {
            out.append("  the steps are not quite those of the file: the programs have changed since\n");
        }
        return out.toString();
    }

    /** As a page with the table and a diagram. */
    public static String markdown(CounterexampleFile file, ReplayedSchedule schedule) {
        StringBuilder out = new StringBuilder();
        out.append("# ").append(file.scenario().name()).append(" on ").append(file.title());
        out.append("\n\n").append(file.scenario().description()).append("\n\n");
        out.append("**").append(WhatHappened.in(schedule)).append(".**\n\n");
        schedule.violations()
                .forEach(v -> out.append("- `")
                        .append(v.checker())
                        .append("`: ")
                        .append(v.message())
                        .append('\n'));
        out.append("\n## Step by step\n\n").append(ScheduleTable.markdown(schedule));
        out.append("\n`").append(LEGEND).append("`\n\n## As a diagram\n\n```mermaid\n");
        return out.append(ScheduleDiagram.of(schedule)).append("```\n").toString();
    }
}
