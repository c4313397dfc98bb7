package org.iommusim.scenario.report;

import java.util.List;
import org.iommusim.scenario.explore.ReplayedSchedule;
import org.iommusim.scenario.explore.ScheduleLine;
import org.iommusim.scenario.explore.ScheduleRow;
import org.iommusim.sim.check.Violation;

/**
 * A schedule as a Mermaid sequence diagram. A lane is active while it holds a lock, once for each; an arrow to another lane
 * means that the step gave that one something to do.
 */
final class ScheduleDiagram {
    private final ReplayedSchedule schedule;
    private final StringBuilder out = new StringBuilder();

    private ScheduleDiagram(ReplayedSchedule schedule) {
        this.schedule = schedule;
    }

    /** The text of the diagram, without a fence around it. */
    static String of(ReplayedSchedule schedule) {
        return new ScheduleDiagram(schedule).text();
    }

    private String text() {
        line("sequenceDiagram");
        for (int lane = 0; lane < schedule.lanes().size(); lane++) {
            line("    participant L" + lane + " as " + escaped(schedule.lanes().get(lane)));
        }
        List<List<String>> before =
                schedule.lanes().stream().map(lane -> List.<String>of()).toList();
        for (ScheduleRow row : schedule.rows()) {
            row(row, before);
            before = row.locks();
        }
        for (int lane = 0; lane < before.size(); lane++) {
            deactivate(lane, before.get(lane).size());
        }
        for (Violation violation : schedule.violations()) {
            int lane = schedule.rows().isEmpty()
                    ? 0
                    : schedule.rows().get(schedule.rows().size() - 1).lane();
            line("    Note over L" + lane + ": " + escaped(violation.checker() + ": " + violation.message()));
        }
        return out.toString();
    }

    private void row(ScheduleRow row, List<List<String>> before) {
        List<ScheduleLine> lines = row.lines();
        for (int i = 0; i < lines.size(); i++) {
            boolean lastOne = i == lines.size() - 1;
            int to = lastOne && !row.woken().isEmpty() ? row.woken().get(0) : row.lane();
            ScheduleLine what = lines.get(i);
            String text = row.number() + " " + ScheduleTable.text(what);
            switch (what.kind()) {
                case CALL, RETURN -> line("    Note over L" + row.lane() + ": " + escaped(text));
                default -> line("    L" + row.lane() + "->>L" + to + ": " + escaped(text));
            }
        }
        for (int lane = 0; lane < schedule.lanes().size(); lane++) {
            int change = row.locks().get(lane).size() - before.get(lane).size();
            if (change > 0) {
                activate(lane, change);
            } else {
                deactivate(lane, -change);
            }
        }
    }

    private void activate(int lane, int times) {
        for (int i = 0; i < times; i++) {
            line("    activate L" + lane);
        }
    }

    private void deactivate(int lane, int times) {
        for (int i = 0; i < times; i++) {
            line("    deactivate L" + lane);
        }
    }

    /** What Mermaid reads as syntax, as entities. */
    private static String escaped(String text) {
        StringBuilder safe = new StringBuilder();
        for (char c : text.toCharArray()) {
            switch (c) {
                case '#', ';', '<', '>' -> safe.append('#').append((int) c).append(';');
                default -> safe.append(c);
            }
        }
        return safe.toString();
    }

    private void line(String text) {
        out.append(text).append('\n');
    }
}
