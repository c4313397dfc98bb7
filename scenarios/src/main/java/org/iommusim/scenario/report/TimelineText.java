package org.iommusim.scenario.report;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.iommusim.hw.driver.Errno;
import org.iommusim.scenario.run.TimelineEntry;

/** The timeline: time, lane, what; the changes that a step made below it. */
final class TimelineText {
    private static final int TIME = 14;
    private static final int TOOK = 13;

    private final Paint paint;
    private final StringBuilder out;

    TimelineText(Paint paint, StringBuilder out) {
        this.paint = paint;
        this.out = out;
    }

    void print(List<TimelineEntry> timeline) {
        int laneWidth = timeline.stream().mapToInt(e -> e.lane().length()).max().orElse(0);
        laneWidth = Math.max(4, laneWidth);
        out.append(paint.dim("  " + right("time (us)", TIME) + "  " + right("took (us)", TOOK) + "  "
                        + left("lane", laneWidth) + "  what"))
                .append('\n');
        String indent = " ".repeat(2 + TIME + 2 + TOOK + 2 + laneWidth + 2);
        for (int i = 0; i < timeline.size(); i++) {
            TimelineEntry entry = timeline.get(i);
            int alike = entry instanceof TimelineEntry.Event event ? alike(timeline, i, event) : 0;
            i += alike;
            out.append("  ")
                    .append(right(Figures.microseconds(entry.timePs()), TIME))
                    .append("  ");
            String lane = "  " + paint.accent(left(entry.lane(), laneWidth)) + "  ";
            if (entry instanceof TimelineEntry.Step step) {
                String took = step.endPs() < 0 ? "-" : Figures.microseconds(step.endPs() - step.timePs());
                out.append(right(took, TOOK)).append(lane).append(step(step)).append('\n');
                if (!step.comment().isEmpty()) {
                    out.append(indent).append(paint.dim("# " + step.comment())).append('\n');
                }
                step.changes().stream()
                        .filter(c -> !becameReal(c, step.changes()))
                        .forEach(c -> out.append(indent).append(change(c)).append('\n'));
            } else if (entry instanceof TimelineEntry.Event event) {
                out.append(right("", TOOK))
                        .append(lane)
                        .append("! ")
                        .append(event.text())
                        .append(
                                alike == 0
                                        ? ""
                                        : paint.dim("  and " + alike + " more like it, until "
                                                + Figures.microseconds(
                                                        timeline.get(i).timePs()) + " us"))
                        .append('\n');
            } else if (entry instanceof TimelineEntry.Change change) {
                out.append(right("", TOOK)).append(lane).append(change(change)).append('\n');
            }
        }
    }

    /** How many entries that follow directly are events of the same IOMMU with the same name: a storm is one line. */
    private static int alike(List<TimelineEntry> timeline, int first, TimelineEntry.Event event) {
        int next = first + 1;
        while (next < timeline.size()
                && timeline.get(next) instanceof TimelineEntry.Event other
                && other.lane().equals(event.lane())
                && name(other).equals(name(event))) {
            next++;
        }
        return next - first - 1;
    }

    private static String name(TimelineEntry.Event event) {
        int end = event.text().indexOf(' ');
        return end < 0 ? event.text() : event.text().substring(0, end);
    }

    private String step(TimelineEntry.Step step) {
        String what = paint.bold(step.verb()) + (step.text().isEmpty() ? "" : " " + step.text());
        String outputs =
                step.outputs().entrySet().stream().map(TimelineText::output).collect(Collectors.joining(" "));
        String gave = outputs.isEmpty() ? "" : paint.dim("  -> ") + outputs;
        return what + gave + answer(step);
    }

    private static String output(Map.Entry<String, Long> output) {
        long value = output.getValue();
        boolean hex = value < 0 || value >= 1 << 16;
        return output.getKey() + "=" + (hex ? "0x" + Long.toHexString(value) : Long.toString(value));
    }

    private String answer(TimelineEntry.Step step) {
        if (step.endPs() < 0) {
            return "  " + paint.bad("never ends");
        }
        String errno = Errno.name(step.errno());
        if (!step.asExpected()) {
            return "  " + paint.bad("= " + errno + "  UNEXPECTED, not " + step.expected());
        }
        return step.errno() == Errno.OK ? "" : "  " + paint.good("= " + errno) + paint.dim(" as expected");
    }

    /** A reservation that the same step made an object of needs no line of its own. */
    private static boolean becameReal(TimelineEntry.Change change, List<TimelineEntry.Change> all) {
        return change.change().equals("reserved")
                && all.stream()
                        .anyMatch(
                                c -> c.change().equals("created") && c.subject().equals(change.subject()));
    }

    private String change(TimelineEntry.Change change) {
        String detail = change.detail().isEmpty() ? "" : paint.dim("  " + change.detail());
        return "· " + change.subject() + " " + change.change() + detail;
    }

    private static String right(String text, int width) {
        return " ".repeat(Math.max(0, width - text.length())) + text;
    }

    private static String left(String text, int width) {
        return text + " ".repeat(Math.max(0, width - text.length()));
    }
}
