package org.iommusim.scenario.conform;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.iommusim.scenario.json.JsonReader;
import org.iommusim.scenario.json.JsonValue;
import org.iommusim.scenario.language.ScenarioException;
import org.jspecify.annotations.Nullable;

/**
 * A value of a vector and where it stands; reading it as something else than it is gives the one line about bad input.
 *
 * @param where file and line
 * @param pointer JSON pointer within the line
 * @param value what stands there
 */
public record VectorNode(String where, String pointer, JsonValue value) {
    private static final int HEX_DIGITS_MAX = 16;
    private static final int DECIMAL_DIGITS_MAX = 18;

    /** The one line about bad input, for what stands here. */
    public ScenarioException wrong(String found, String expected) {
        return new ScenarioException(where, pointer, found, expected);
    }

    private ScenarioException wrong(String expected) {
        return wrong("found " + value.described(), expected);
    }

    /** The members of this object, after checking that it has no others than these. */
    public VectorNode only(Collection<String> names) {
        for (Map.Entry<String, JsonValue> member : members().entrySet()) {
            if (!names.contains(member.getKey())) {
                throw at(member.getKey(), member.getValue())
                        .wrong("found the unknown field \"" + member.getKey() + "\"", "expected one of " + names);
            }
        }
        return this;
    }

    private Map<String, JsonValue> members() {
        if (value instanceof JsonValue.Members object) {
            return object.members();
        }
        throw wrong("expected an object");
    }

    private VectorNode at(String name, JsonValue member) {
        return new VectorNode(where, JsonReader.child(pointer, name), member);
    }

    /** The names of the members of this object. */
    public List<String> names() {
        return List.copyOf(members().keySet());
    }

    /** True if the member is there, be it null. */
    public boolean has(String name) {
        return members().containsKey(name);
    }

    /** True if the member is there and is not null. */
    public boolean given(String name) {
        JsonValue member = members().get(name);
        return member != null && !(member instanceof JsonValue.Null);
    }

    /** A member that must be there. */
    public VectorNode member(String name) {
        JsonValue member = members().get(name);
        if (member == null) {
            throw wrong("found no \"" + name + "\"", "expected one");
        }
        return at(name, member);
    }

    /** A member, or {@code null} if it is not there or null. */
    @Nullable
    public VectorNode optional(String name) {
        return given(name) ? member(name) : null;
    }

    /** The elements of this array. */
    public List<VectorNode> elements() {
        if (!(value instanceof JsonValue.Elements array)) {
            throw wrong("expected an array");
        }
        List<VectorNode> nodes = new ArrayList<>();
        for (JsonValue element : array.elements()) {
            nodes.add(new VectorNode(where, pointer + "/" + nodes.size(), element));
        }
        return nodes;
    }

    /** The elements of an array of a known length. */
    public List<VectorNode> elements(int length, String meaning) {
        List<VectorNode> nodes = elements();
        if (nodes.size() != length) {
            throw wrong("found " + nodes.size() + " elements", "expected " + length + ": " + meaning);
        }
        return nodes;
    }

    /** The text of this string. */
    public String text() {
        if (value instanceof JsonValue.Text string) {
            return string.text();
        }
        throw wrong("expected a string");
    }

    /** The value of this true or false. */
    public boolean flag() {
        if (value instanceof JsonValue.Flag flag) {
            return flag.value();
        }
        throw wrong("expected true or false");
    }

    /** 64 bits: a string such as "0x10", or a number. */
    public long bits() {
        if (value instanceof JsonValue.Text string) {
            String text = string.text();
            if (text.matches("0[xX][0-9a-fA-F]{1," + HEX_DIGITS_MAX + "}")) {
                return Long.parseUnsignedLong(text.substring(2), 16);
            }
        } else if (value instanceof JsonValue.Number number
                && number.literal().matches("[0-9]{1," + DECIMAL_DIGITS_MAX + "}")) {
            return Long.parseLong(number.literal());
        }
        throw wrong("expected 64 bits such as \"0x10\"");
    }

    /** A number within limits. */
    public int number(int min, int max) {
        long bits = bits();
        if (bits < min || bits > max) {
            throw wrong("expected a number from " + min + " to " + max);
        }
        return (int) bits;
    }

    /** An array of 64-bit words of one of these lengths. */
    public long[] words(List<Integer> lengths) {
        int found = elements().size();
        if (!lengths.contains(found)) {
            throw wrong(
                    "found " + found + " elements",
                    "expected " + lengths.stream().map(String::valueOf).collect(Collectors.joining(" or "))
                            + ": 64-bit words");
        }
        return words(found);
    }

    /** An array of 64-bit words of a known length. */
    public long[] words(int length) {
        List<VectorNode> nodes = elements(length, "64-bit words");
        long[] words = new long[length];
        for (int i = 0; i < length; i++) {
            words[i] = nodes.get(i).bits();
        }
        return words;
    }
}
