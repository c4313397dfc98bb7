package org.iommusim.scenario.report;

import java.util.List;
import org.iommusim.scenario.explore.ExploreResult;
import org.iommusim.scenario.explore.ExploreResult.Ended;
import org.iommusim.scenario.explore.ReplayedSchedule;
import org.iommusim.scenario.explore.WhatHappened;
import org.iommusim.scenario.language.Scenario;
import org.iommusim.sim.check.Violation;
import org.iommusim.sim.explore.Bounds;
import org.iommusim.sim.explore.Counterexample;
import org.iommusim.sim.explore.Exploration;
import org.iommusim.sim.explore.StatefulSearch;

/** What an exploration found, as text for a terminal. */
public final class ExploreText {
    private final ExploreResult result;
    private final Paint paint;
    private final StringBuilder out = new StringBuilder();

    private ExploreText(ExploreResult result, Paint paint) {
        this.result = result;
        this.paint = paint;
    }

    /** The whole report. */
    public static String of(ExploreResult result, Paint paint) {
        return new ExploreText(result, paint).text();
    }

    private String text() {
        Scenario scenario = result.setup().scenario();
        out.append(paint.bold(scenario.name()))
                .append("  ")
                .append(scenario.description())
                .append('\n');
        out.append("kernel ")
                .append(result.setup().title())
                .append("  seed ")
                .append(Long.toUnsignedString(scenario.seed()))
                .append("\n\n");
        verdict();
        figures();
        bounds();
        ReplayedSchedule replayed = result.replayed();
        if (replayed != null) {
            out.append('\n')
                    .append(paint.bold("The least schedule that does it"))
                    .append('\n');
            ScheduleTable.print(replayed, paint, out);
        }
        return out.toString();
    }

    private void verdict() {
        Exploration e = result.exploration();
        Counterexample least = e.counterexample();
        if (least == null) {
            out.append(e.exhaustive() ? paint.good("SAFE") : paint.bold("NOTHING FOUND"))
                    .append("  ")
                    .append(reason(e))
                    .append('\n');
            return;
        }
        out.append(paint.bad("VIOLATION"))
                .append("  ")
                .append(String.join(", ", result.found()))
                .append(" with ")
                .append(least.preemptions())
                .append(least.preemptions() == 1 ? " preemption, " : " preemptions, ")
                .append(least.lanes().size())
                .append(" transitions, ")
                .append(least.actors())
                .append(" lanes\n");
        ReplayedSchedule replayed = result.replayed();
        if (replayed != null && replayed.violates()) {
            out.append("  ").append(WhatHappened.in(replayed)).append('\n');
        }
        for (Violation violation : least.violations()) {
            out.append("  ")
                    .append(violation.checker())
                    .append(": ")
                    .append(violation.message())
                    .append('\n');
        }
        out.append("  ").append(e.reason()).append('\n');
    }

    private String reason(Exploration e) {
        if (result.ended() == Ended.BY_TIME) {
            return "ended by its time after " + completed(e.completedPreemptions());
        }
        return e.exhaustive() ? "no schedule within the bounds violates anything" : e.reason();
    }

    private void figures() {
        Exploration e = result.exploration();
        Table table = Table.untitled(paint, 2);
        table.row("exhaustive:", Boolean.toString(e.exhaustive()));
        if (!result.symmetry().isEmpty()) {
            table.row("symmetry:", result.symmetry());
        }
        table.row("engine:", e.engine() + (e.reduction().equals(Exploration.NO_REDUCTION) ? "" : ", " + e.reduction()));
        if (result.ended() == Ended.AS_COUNTED) {
            counts(e, table);
        }
        table.row("completed:", completed(e.completedPreemptions()));
        table.row("accepted:", accepted(result.accepted()));
        table.print(out);
    }

    private static void counts(Exploration e, Table table) {
        if (e.engine().equals(StatefulSearch.NAME)) {
            joined(e, table);
        } else {
            table.row("schedules:", Figures.grouped(e.schedules()) + estimate(e));
        }
        if (e.states() > 0) {
            table.row("states:", Figures.grouped(e.states()));
        }
        table.row("transitions:", Figures.grouped(e.transitions()));
        if (e.maxDepth() > 0) {
            table.row("depth:", Figures.grouped(e.maxDepth()) + " transitions in the longest schedule");
        }
    }

    /** Schedules that meet are one: what can be told is how many there are, if they were counted, and where they end. */
    private static void joined(Exploration e, Table table) {
        if (!Double.isNaN(e.estimatedSchedules())) {
            table.row("schedules:", Figures.large(e.estimatedSchedules()));
        }
        table.row("end states:", Figures.grouped(e.schedules()));
    }

    private static String estimate(Exploration e) {
        return Double.isNaN(e.estimatedSchedules())
                ? ""
                : " of about " + Figures.grouped(Math.round(e.estimatedSchedules()));
    }

    static String completed(int preemptions) {
        return switch (preemptions) {
            case -1 -> "nothing";
            case 0 -> "all schedules without a preemption";
            case 1 -> "all schedules with at most 1 preemption";
            case Bounds.UNLIMITED -> "all schedules";
            default -> "all schedules with at most " + preemptions + " preemptions";
        };
    }

    static String accepted(List<String> accepted) {
        return accepted.isEmpty() ? "none" : String.join(", ", accepted);
    }

    private void bounds() {
        out.append('\n').append(paint.bold("Bounds")).append('\n');
        Table table = Table.untitled(paint, 2);
        BoundsText.of(result.setup(), result.exploration().bounds())
                .forEach((name, bound) -> table.row(name + ":", bound));
        table.print(out);
    }
}
