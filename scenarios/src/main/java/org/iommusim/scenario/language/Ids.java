package org.iommusim.scenario.language;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** The ids of one kind of part; each may be there once. */
final class Ids {
    private final Map<String, Place> places = new LinkedHashMap<>();

    /** Takes the id of a part, which must be new. */
    String take(Fields fields) {
        String id = fields.text("id", "");
        Place before = places.putIfAbsent(id, fields.at("id"));
        if (before != null) {
            throw fields.at("id")
                    .wrong("found the id \"" + id + "\" twice", "expected another than " + before.pointer());
        }
        return id;
    }

    /** All ids, in the order in which they were taken. */
    Set<String> all() {
        return places.keySet();
    }
}
