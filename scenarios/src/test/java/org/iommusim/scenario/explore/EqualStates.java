package org.iommusim.scenario.explore;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.iommusim.sim.explore.Subject;

/**
 * Searches a subject depth first and, wherever two schedules lead to the same fingerprint, lets both go on and compares what
 * follows: a state whose fingerprint leaves something out that matters is found here.
 */
final class EqualStates {
    private final Subject subject;
    private final int most;
    private final Map<String, String> successors = new TreeMap<>();
    private final List<String> differences = new ArrayList<>();
    private final List<String> path = new ArrayList<>();
    private long merged;

    private EqualStates(Subject subject, int most) {
        this.subject = subject;
        this.most = most;
    }

    /**
     * Searches.
     *
     * @param most states at most
     */
    static EqualStates search(Subject subject, int most) {
        EqualStates search = new EqualStates(subject, most);
        search.visit();
        return search;
    }

    /** Where equal states went on differently; empty if fingerprints are whole. */
    List<String> differences() {
        return differences;
    }

    /** Different states. */
    int states() {
        return successors.size();
    }

    /** How often a state was reached again. */
    long merged() {
        return merged;
    }

    private String print() {
        return Long.toHexString(subject.fingerprintHigh()) + Long.toHexString(subject.fingerprintLow());
    }

    private void visit() {
        String here = print();
        String known = successors.get(here);
        if (known == null && successors.size() == most || differences.size() > 3) {
            return;
        }
        int[] lanes = new int[subject.lanes() + 64];
        int count = subject.enabled(lanes);
        String next = next(lanes, count);
        if (known != null) {
            merged++;
            if (!known.equals(next)) {
                differences.add("after " + path + ":\n" + known + "\n" + next);
            }
            return;
        }
        successors.put(here, next);
        for (int i = 0; i < count; i++) {
            int mark = subject.mark();
            path.add(subject.laneName(lanes[i]));
            if (subject.step(lanes[i])) {
                visit();
            }
            path.remove(path.size() - 1);
            subject.undoTo(mark);
        }
    }

    /** What follows a state: for each enabled lane the next state, and at the end the verdict. */
    private String next(int[] lanes, int count) {
        StringBuilder text = new StringBuilder();
        int mark = subject.mark();
        for (int i = 0; i < count; i++) {
            boolean right = subject.step(lanes[i]);
            text.append(subject.laneName(lanes[i]))
                    .append(" -> ")
                    .append(right ? print() : subject.violations().get(0).checker())
                    .append('\n');
            subject.undoTo(mark);
        }
        if (count == 0) {
            text.append(subject.end() ? "end" : subject.violations().get(0).checker());
            subject.undoTo(mark);
        }
        return text.toString();
    }
}
