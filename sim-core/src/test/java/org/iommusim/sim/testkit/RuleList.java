package org.iommusim.sim.testkit;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Rules by id, as {@code rules/*.txt} lists them: one rule in a line, {@code ID  sentence}. A line that ends with
 * {@code  # explained: why} names a rule that no test checks, and why not. Empty lines and lines that begin with {@code #}
 * are skipped.
 */
public final class RuleList {
    private static final Pattern LINE =
            Pattern.compile("([A-Z0-9]+(?:-[A-Z0-9]+)+) {2,}(\\S.*?)(?:\\s+# explained: (.+))?");

    private final Map<String, String> sentences = new TreeMap<>();
    private final Map<String, String> explained = new TreeMap<>();
    private final List<String> problems = new ArrayList<>();

    /**
     * Adds the lines of one file.
     *
     * @param file its name, for messages
     */
    public void add(String file, List<String> lines) {
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i).strip();
            if (!line.isEmpty() && !line.startsWith("#")) {
                addLine(file + ":" + (i + 1), line);
            }
        }
    }

    private void addLine(String where, String line) {
        Matcher matcher = LINE.matcher(line);
        if (!matcher.matches()) {
            problems.add(where + ": not 'ID  sentence': " + line);
            return;
        }
        String id = matcher.group(1);
        if (sentences.put(id, matcher.group(2)) != null) {
            problems.add(where + ": " + id + " is listed twice");
        }
        String why = matcher.group(3);
        if (why != null) {
            explained.put(id, why);
        }
    }

    /** How many rules are listed. */
    public int size() {
        return sentences.size();
    }

    /**
     * What is wrong, one line each; empty if all is well: lines that are no rules, ids listed twice, rules that no test
     * names (unless explained), rules explained although tested, ids that no list has.
     *
     * @param tested the ids that tests name
     */
    public List<String> problems(Collection<String> tested) {
        List<String> found = new ArrayList<>(problems);
        for (Map.Entry<String, String> rule : sentences.entrySet()) {
            String id = rule.getKey();
            boolean named = tested.contains(id);
            if (!named && !explained.containsKey(id)) {
                found.add(id + " has no test: " + rule.getValue());
            } else if (named && explained.containsKey(id)) {
                found.add(id + " has a test, and is explained to have none");
            }
        }
        for (String id : tested) {
            if (!sentences.containsKey(id)) {
                found.add(id + " is named by a test, and is in no list");
            }
        }
        return found;
    }
}
