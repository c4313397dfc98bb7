package org.iommusim.scenario.language;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.iommusim.scenario.json.JsonValue;

/** An object that was found to have only the members of its shape, and all that it must have; gives their values. */
final class Fields {
    private final Place place;
    private final Shape shape;
    private final Map<String, JsonValue> members;

    /** Checks an object against a shape; the values of its members are checked when they are asked for. */
    Fields(Place place, Shape shape) {
        this.place = place;
        this.shape = shape;
        if (!(place.value() instanceof JsonValue.Members object)) {
            throw place.wrong("expected an object (" + shape.name() + ")");
        }
        members = object.members();
        members.forEach((name, value) -> {
            if (!shape.names().contains(name)) {
                throw place.member(name, value)
                        .wrong("found the unknown field \"" + name + "\"", NearMiss.of(name, shape.names()));
            }
        });
        for (Member member : shape.members()) {
            if (member.required() && !members.containsKey(member.name())) {
                throw place.wrong("found no \"" + member.name() + "\"", "expected one in every " + shape.name());
            }
        }
    }

    /** Where this object stands. */
    Place place() {
        return place;
    }

    /** True if the member is there. */
    boolean has(String name) {
        return members.containsKey(name);
    }

    /** Where the member stands; the object itself if it is absent. */
    Place at(String name) {
        JsonValue value = members.get(name);
        return value == null ? place : place.member(name, value);
    }

    /** A text, an id, or whatever else is a string, checked as its kind says. */
    String text(String name, String absent) {
        if (!has(name)) {
            return absent;
        }
        Member member = shape.member(name);
        String expected =
                "expected " + (member.words().isEmpty() ? member.kind().described() : "a word");
        String text = at(name).text(expected);
        if (!member.kind().pattern().isEmpty() && !text.matches(member.kind().pattern())) {
            throw at(name).wrong(expected);
        }
        return member.words().isEmpty() ? text : oneOf(name, text, member.words());
    }

    /** A text that is one of these words. */
    String word(String name, Collection<String> known, String absent) {
        return has(name) ? oneOf(name, at(name).text(NearMiss.expected(known)), known) : absent;
    }

    private String oneOf(String name, String text, Collection<String> known) {
        if (known.contains(text)) {
            return text;
        }
        throw at(name).wrong(NearMiss.of(text, known));
    }

    /** true or false. */
    boolean flag(String name, boolean absent) {
        if (!has(name)) {
            return absent;
        }
        if (at(name).value() instanceof JsonValue.Flag flag) {
            return flag.value();
        }
        throw at(name).wrong("expected true or false");
    }

    /** A number in the base unit of the member's kind, inside the member's limits. */
    long number(String name, long absent) {
        return has(name) ? Numbers.read(at(name), shape.member(name)) : absent;
    }

    /** A number; {@code wordMeans} for the word, and if absent. */
    long countOr(String word, String name, long wordMeans) {
        if (!has(name)
                || at(name).value() instanceof JsonValue.Text text
                        && text.text().equals(word)) {
            return wordMeans;
        }
        if (at(name).value() instanceof JsonValue.Number) {
            return number(name, wordMeans);
        }
        throw at(name).wrong("expected \"" + word + "\" or a whole number");
    }

    /** A number that surely fits. */
    int count(String name, int absent) {
        return Math.toIntExact(number(name, absent));
    }

    /** A list of words; one word alone is a list of one. */
    List<Place> words(String name) {
        if (!has(name)) {
            return List.of();
        }
        Place list = at(name);
        List<Place> words = list.value() instanceof JsonValue.Text ? List.of(list) : list.elements();
        words.forEach(word -> word.text("expected a word"));
        return words;
    }

    /** An object. */
    Optional<Fields> object(String name) {
        return has(name) ? Optional.of(new Fields(at(name), inner(name))) : Optional.empty();
    }

    /** A list of objects; empty if absent. */
    List<Fields> objects(String name) {
        List<Fields> objects = new ArrayList<>();
        if (has(name)) {
            at(name).elements().forEach(element -> objects.add(new Fields(element, inner(name))));
        }
        return objects;
    }

    private Shape inner(String name) {
        Shape inner = shape.member(name).shape();
        if (inner == null) {
            throw new IllegalStateException(name + " holds no object");
        }
        return inner;
    }
}
