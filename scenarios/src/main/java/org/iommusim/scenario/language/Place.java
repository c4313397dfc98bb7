package org.iommusim.scenario.language;

import java.util.ArrayList;
import java.util.List;
import org.iommusim.scenario.json.JsonReader;
import org.iommusim.scenario.json.JsonValue;

/**
 * A value and where it stands.
 *
 * @param file the file's name
 * @param pointer JSON pointer
 * @param value what stands there
 */
record Place(String file, String pointer, JsonValue value) {
    /** The one line about this value, with what it is. */
    ScenarioException wrong(String expected) {
        return wrong("found " + value.described(), expected);
    }

    /** The one line about this value. */
    ScenarioException wrong(String found, String expected) {
        return new ScenarioException(file, pointer, found, expected);
    }

    /** The place of a member of this object. */
    Place member(String name, JsonValue of) {
        return new Place(file, JsonReader.child(pointer, name), of);
    }

    /** The elements of this array. */
    List<Place> elements() {
        if (!(value instanceof JsonValue.Elements array)) {
            throw wrong("expected an array");
        }
        List<Place> places = new ArrayList<>();
        for (JsonValue element : array.elements()) {
            places.add(new Place(file, pointer + "/" + places.size(), element));
        }
        return places;
    }

    /** The text of this string. */
    String text(String expected) {
        if (value instanceof JsonValue.Text string) {
            return string.text();
        }
        throw wrong(expected);
    }
}
