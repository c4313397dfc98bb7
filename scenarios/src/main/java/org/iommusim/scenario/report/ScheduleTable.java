package org.iommusim.scenario.report;

import java.util.ArrayList;
import java.util.List;
import org.iommusim.scenario.explore.ReplayedSchedule;
import org.iommusim.scenario.explore.ScheduleLine;
import org.iommusim.scenario.explore.ScheduleRow;

/**
 * A schedule as a table: a row for each step, numbered by its transition, and a column for each lane. A lane that holds
 * locks has a bar for each of them before its cells, as long as it holds them.
 */
final class ScheduleTable {
    private final ReplayedSchedule schedule;
    private final List<String[]> rows = new ArrayList<>();

    private ScheduleTable(ReplayedSchedule schedule) {
        this.schedule = schedule;
        List<Integer> before = schedule.lanes().stream().map(lane -> 0).toList();
        for (ScheduleRow row : schedule.rows()) {
            add(row, before);
            before = row.locks().stream().map(List::size).toList();
        }
    }

    /** As aligned text. */
    static void print(ReplayedSchedule schedule, Paint paint, StringBuilder out) {
        List<String> titles = new ArrayList<>(List.of("#>"));
        titles.addAll(schedule.lanes());
        Table table = new Table(paint, titles.toArray(new String[0]));
        new ScheduleTable(schedule).rows.forEach(table::row);
        table.print(out);
    }

    /** As a table of Markdown. */
    static String markdown(ReplayedSchedule schedule) {
        StringBuilder out = new StringBuilder("| # | ");
        out.append(String.join(" | ", schedule.lanes())).append(" |\n| ---: |");
        out.append(" --- |".repeat(schedule.lanes().size())).append('\n');
        for (String[] row : new ScheduleTable(schedule).rows) {
            out.append("|");
            for (String cell : row) {
                out.append(' ').append(code(cell)).append(" |");
            }
            out.append('\n');
        }
        return out.toString();
    }

    private static String code(String cell) {
        return cell.isEmpty() ? "" : "`" + cell.replace("|", "\\|").replace('`', '\'') + "`";
    }

    private void add(ScheduleRow row, List<Integer> before) {
        List<String> texts = new ArrayList<>();
        row.lines().forEach(line -> texts.add(text(line)));
        if (texts.isEmpty()) {
            texts.add("(goes on)");
        }
        String lock = row.waits().get(row.lane());
        if (!lock.isEmpty()) {
            texts.add("waits for " + lock);
        }
        for (int i = 0; i < texts.size(); i++) {
            String[] cells = new String[schedule.lanes().size() + 1];
            cells[0] = i == 0 ? Integer.toString(row.number()) : "";
            for (int lane = 0; lane < schedule.lanes().size(); lane++) {
                // What a transition takes or gives back, its last step does.
                int held = i == texts.size() - 1 ? row.locks().get(lane).size() : before.get(lane);
                String bars = "|".repeat(held) + (held == 0 ? "" : " ");
                cells[lane + 1] = (lane == row.lane() ? bars + texts.get(i) : bars).stripTrailing();
            }
            rows.add(cells);
        }
    }

    /** One line of a transition in words. */
    static String text(ScheduleLine line) {
        return switch (line.kind()) {
            case CALL -> "> " + line.program() + (line.text().isEmpty() ? "" : " " + line.text());
            case RETURN -> "< " + line.program() + " = " + line.text();
            case STEP -> line.program() + ": " + line.text();
            case CHANGE -> "· " + line.text();
            case HARDWARE -> "~ " + line.text();
        };
    }
}
