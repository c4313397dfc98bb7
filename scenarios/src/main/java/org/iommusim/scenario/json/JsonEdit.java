package org.iommusim.scenario.json;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Puts values into trees; a tree itself never changes. */
public final class JsonEdit {
    private JsonEdit() {}

    /**
     * A tree with another value at a place.
     *
     * @param pointer the place (RFC 6901): a value that is there, or a new member of an object that is there
     * @param value what comes there
     * @throws JsonSyntaxException if there is no such place
     */
    public static JsonValue put(JsonValue tree, String pointer, JsonValue value) throws JsonSyntaxException {
        if (pointer.isEmpty()) {
            return value;
        }
        if (pointer.charAt(0) != '/') {
            throw new JsonSyntaxException(
                    pointer, "found a place that does not begin with '/'", "expected a JSON pointer");
        }
        return put(tree, "", pointer.substring(1).split("/", -1), 0, value);
    }

    private static JsonValue put(JsonValue tree, String above, String[] names, int depth, JsonValue value)
            throws JsonSyntaxException {
        if (depth == names.length) {
            return value;
        }
        String name = names[depth].replace("~1", "/").replace("~0", "~");
        String here = above + "/" + names[depth];
        if (tree instanceof JsonValue.Members object) {
            Map<String, JsonValue> members = new LinkedHashMap<>(object.members());
            JsonValue old = members.get(name);
            if (old == null && depth + 1 < names.length) {
                throw new JsonSyntaxException(
                        here,
                        "found nothing there",
                        "expected one of " + object.members().keySet());
            }
            members.put(name, old == null ? value : put(old, here, names, depth + 1, value));
            return new JsonValue.Members(members);
        }
        if (tree instanceof JsonValue.Elements array) {
            List<JsonValue> elements = new ArrayList<>(array.elements());
            int index = index(name, elements.size(), here);
            elements.set(index, put(elements.get(index), here, names, depth + 1, value));
            return new JsonValue.Elements(elements);
        }
        throw new JsonSyntaxException(above, "found " + tree.described(), "expected an object or an array");
    }

    private static int index(String name, int size, String here) throws JsonSyntaxException {
        if (name.matches("0|[1-9][0-9]{0,8}") && Integer.parseInt(name) < size) {
            return Integer.parseInt(name);
        }
        String room = size == 0 ? "expected none: the array is empty" : "expected 0 to " + (size - 1);
        throw new JsonSyntaxException(here, "found nothing there", room);
    }
}
