package org.iommusim.scenario.language;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which step must wait for which: each for the one before it in its script, and for those that set the labels that it
 * waits for. A circle among them could never be run.
 */
final class LabelOrder {
    private final List<Step> steps = new ArrayList<>();
    private final Map<String, Integer> setters = new LinkedHashMap<>();
    private boolean first = true;

    /**
     * A step.
     *
     * @param fields what it is
     * @param before the step before it in its script, or -1
     */
    private record Step(Fields fields, int before) {}

    /** The steps that follow are another actor's. */
    void nextActor() {
        first = true;
    }

    /** Labels that some step sets. */
    Set<String> labels() {
        return setters.keySet();
    }

    /** Takes the next step of the present actor; the label that it sets must be new. */
    void step(Fields fields) {
        int index = steps.size();
        steps.add(new Step(fields, first ? -1 : index - 1));
        first = false;
        String label = fields.text("label", "");
        if (label.isEmpty()) {
            return;
        }
        Integer other = setters.putIfAbsent(label, index);
        if (other != null) {
            throw fields.at("label")
                    .wrong(
                            "found the label \"" + label + "\" twice",
                            "expected another than that of " + pointer(other));
        }
    }

    /** Finds labels that nobody sets and circles. */
    void check() {
        for (int step = 0; step < steps.size(); step++) {
            for (Place place : steps.get(step).fields().words("after")) {
                String label = place.text("expected a label");
                Integer setter = setters.get(label);
                if (setter == null) {
                    throw place.wrong(
                            "found the label \"" + label + "\", which no step sets",
                            NearMiss.of(label, setters.keySet()));
                }
                if (needs(setter, step)) {
                    throw place.wrong(
                            "found the label \"" + label + "\", which " + pointer(setter)
                                    + " sets only after this step has ended",
                            "expected a label that can be set before");
                }
            }
        }
    }

    private String pointer(int step) {
        return steps.get(step).fields().place().pointer();
    }

    /** True if a step is, or must wait for, another one. */
    private boolean needs(int step, int other) {
        BitSet seen = new BitSet(steps.size());
        Deque<Integer> open = new ArrayDeque<>();
        open.push(step);
        while (!open.isEmpty()) {
            int at = open.pop();
            if (at == other) {
                return true;
            }
            if (at < 0 || seen.get(at)) {
                continue;
            }
            seen.set(at);
            open.push(steps.get(at).before());
            for (Place place : steps.get(at).fields().words("after")) {
                open.push(setters.getOrDefault(place.text("expected a label"), -1));
            }
        }
        return false;
    }
}
