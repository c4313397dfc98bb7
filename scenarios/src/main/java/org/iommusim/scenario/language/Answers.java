package org.iommusim.scenario.language;

import java.util.ArrayList;
import java.util.List;
import org.iommusim.hw.driver.Errno;
import org.iommusim.scenario.json.JsonValue;

/** Reads which answers a step may have: one errno's name, a list of them, or any. */
final class Answers {
    private static final String ERRNO = "errno";
    private static final int NO_SUCH_ERRNO = 1;

    private Answers() {}

    /** The answers, each 0 or negative; empty: any. */
    static List<Integer> read(Fields step) {
        if (!step.has(ERRNO)) {
            return List.of(Errno.OK);
        }
        Place at = step.at(ERRNO);
        if (!(at.value() instanceof JsonValue.Elements)) {
            String name = at.text("expected an errno's name such as \"ENOENT\", or a list of them");
            return name.equals("any") ? List.of() : List.of(one(at, name, "\"OK\", \"any\""));
        }
        List<Place> places = at.elements();
        if (places.isEmpty()) {
            throw at.wrong("found an empty list", "expected the answers that the step may have, or \"any\"");
        }
        List<Integer> answers = new ArrayList<>();
        for (Place place : places) {
            int answer = one(place, place.text("expected an errno's name such as \"ENOENT\""), "\"OK\"");
            if (answers.contains(answer)) {
                throw place.wrong("expected every answer once");
            }
            answers.add(answer);
        }
        return answers;
    }

    private static int one(Place at, String name, String words) {
        int value = name.equals("0") ? Errno.OK : Errno.value(name);
        if (value == NO_SUCH_ERRNO) {
            throw at.wrong("expected " + words + " or an errno's name such as \"ENOENT\"");
        }
        return value;
    }
}
