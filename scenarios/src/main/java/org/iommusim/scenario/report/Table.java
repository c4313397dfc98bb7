package org.iommusim.scenario.report;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Aligned columns. A column whose title ends in {@code >} is right-aligned; the last column is never padded. */
final class Table {
    private static final String GAP = "  ";

    private final Paint paint;
    private final List<String> titles = new ArrayList<>();
    private final List<Boolean> right = new ArrayList<>();
    private final List<String[]> rows = new ArrayList<>();

    Table(Paint paint, String... titles) {
        this.paint = paint;
        for (String title : titles) {
            right.add(title.endsWith(">"));
            this.titles.add(title.endsWith(">") ? title.substring(0, title.length() - 1) : title);
        }
    }

    /** A table of so many columns without titles. */
    static Table untitled(Paint paint, int columns) {
        return new Table(paint, Collections.nCopies(columns, "").toArray(new String[0]));
    }

    void row(String... cells) {
        rows.add(cells);
    }

    void print(StringBuilder out) {
        int[] widths = new int[titles.size()];
        for (int i = 0; i < widths.length; i++) {
            widths[i] = titles.get(i).length();
            for (String[] row : rows) {
                widths[i] = Math.max(widths[i], row[i].length());
            }
        }
        if (titles.stream().anyMatch(title -> !title.isEmpty())) {
            out.append(paint.dim(line(titles.toArray(new String[0]), widths))).append('\n');
        }
        rows.forEach(row -> out.append(line(row, widths)).append('\n'));
    }

    private String line(String[] cells, int[] widths) {
        StringBuilder line = new StringBuilder(GAP);
        for (int i = 0; i < cells.length; i++) {
            String space = " ".repeat(widths[i] - cells[i].length());
            line.append(right.get(i) ? space + cells[i] : cells[i] + space).append(GAP);
        }
        return line.toString().stripTrailing();
    }
}
