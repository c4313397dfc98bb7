package org.iommusim.scenario.policy;

import java.util.ArrayList;
import java.util.List;

/**
 * What must be taken out of a list of lines and put in to get another one; as little as possible. Lines that stay are
 * shown near a change only.
 */
final class LineDiff {
    private final List<String> before;
    private final List<String> after;
    /** Length of the longest common subsequence of what follows i in {@code before} and j in {@code after}. */
    private final int[][] common;

    private LineDiff(List<String> before, List<String> after) {
        this.before = before;
        this.after = after;
        common = new int[before.size() + 1][after.size() + 1];
        for (int i = before.size() - 1; i >= 0; i--) {
            for (int j = after.size() - 1; j >= 0; j--) {
                common[i][j] = before.get(i).equals(after.get(j))
                        ? common[i + 1][j + 1] + 1
                        : Math.max(common[i + 1][j], common[i][j + 1]);
            }
        }
    }

    /**
     * The lines, each with {@code - }, {@code + } or two spaces before it.
     *
     * @param context how many lines are shown before and after a change; {@code ...} stands for the others
     */
    static List<String> of(List<String> before, List<String> after, int context) {
        return shorten(new LineDiff(before, after).lines(), context);
    }

    private List<String> lines() {
        List<String> lines = new ArrayList<>();
        int i = 0;
        int j = 0;
        while (i < before.size() || j < after.size()) {
            boolean both = i < before.size() && j < after.size();
            if (both && before.get(i).equals(after.get(j))) {
                lines.add("  " + before.get(i));
                i++;
                j++;
            } else if (j == after.size() || both && common[i + 1][j] >= common[i][j + 1]) {
                lines.add("- " + before.get(i));
                i++;
            } else {
                lines.add("+ " + after.get(j));
                j++;
            }
        }
        return lines;
    }

    private static List<String> shorten(List<String> lines, int context) {
        List<String> shown = new ArrayList<>();
        boolean left = false;
        for (int i = 0; i < lines.size(); i++) {
            if (near(lines, i, context)) {
                if (left) {
                    shown.add("  ...");
                }
                shown.add(lines.get(i));
                left = false;
            } else {
                left = true;
            }
        }
        if (left && !shown.isEmpty()) {
            shown.add("  ...");
        }
        return shown;
    }

    private static boolean near(List<String> lines, int at, int context) {
        int to = Math.min(lines.size(), at + context + 1);
        return lines.subList(Math.max(0, at - context), to).stream().anyMatch(line -> !line.startsWith("  "));
    }
}
