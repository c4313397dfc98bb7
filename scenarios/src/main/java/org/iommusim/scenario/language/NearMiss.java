package org.iommusim.scenario.language;

import java.util.Collection;
import java.util.Locale;
import java.util.stream.Collectors;

/** Says what a misspelt word may have meant. */
final class NearMiss {
    private static final int LISTED_MAX = 12;
    /** Shorter words are all close to each other. */
    private static final int SHORTEST = 3;

    private NearMiss() {}

    /** {@code did you mean "x"?} if one known word is close, and otherwise all of them. */
    static String of(String word, Collection<String> known) {
        String best = "";
        int bestDistance = Integer.MAX_VALUE;
        for (String candidate : known) {
            int distance = distance(word.toLowerCase(Locale.ROOT), candidate.toLowerCase(Locale.ROOT));
            if (distance < bestDistance) {
                best = candidate;
                bestDistance = distance;
            }
        }
        int shorter = Math.min(word.length(), best.length());
        if (shorter >= SHORTEST && bestDistance <= Math.max(1, shorter / 3)) {
            return "did you mean \"" + best + "\"?";
        }
        return expected(known);
    }

    /** {@code expected one of "a", "b"}; a long list is cut. */
    static String expected(Collection<String> known) {
        if (known.isEmpty()) {
            return "but there is none to choose from";
        }
        String some = known.stream().limit(LISTED_MAX).map(w -> '"' + w + '"').collect(Collectors.joining(", "));
        String rest = known.size() > LISTED_MAX ? ", ... (" + known.size() + " in all)" : "";
        return (known.size() == 1 ? "expected " : "expected one of ") + some + rest;
    }

    /** Edits between two words: insert, delete, replace, swap neighbours. */
    private static int distance(String a, String b) {
        int[][] d = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                if (i == 0 || j == 0) {
                    d[i][j] = i + j;
                    continue;
                }
                int same = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
                d[i][j] = Math.min(Math.min(d[i - 1][j], d[i][j - 1]) + 1, d[i - 1][j - 1] + same);
                if (i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1)) {
                    d[i][j] = Math.min(d[i][j], d[i - 2][j - 2] + 1);
                }
            }
        }
        return d[a.length()][b.length()];
    }
}
