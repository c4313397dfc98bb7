package org.iommusim.scenario.language;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One member of an object of the language.
 *
 * @param name as scenarios spell it
 * @param kind what it holds
 * @param required true if it must be there
 * @param words allowed words of {@link ValueKind#WORD} and {@link ValueKind#WORDS}; empty: any
 * @param min smallest number, in the base unit (bytes, ps, bytes per second)
 * @param max largest number
 * @param shape of {@link ValueKind#OBJECT} and {@link ValueKind#OBJECTS}
 * @param fallback what holds when it is absent, in words; empty: nothing to say
 * @param description one sentence
 */
public record Member(
        String name,
        ValueKind kind,
        boolean required,
        List<String> words,
        long min,
        long max,
        @Nullable Shape shape,
        String fallback,
        String description) {
    /** Copies the words. */
    public Member {
        words = List.copyOf(words);
    }

    /** Its limits in the units of scenarios, e.g. {@code from 1MiB to 1TiB}; empty if it has none. */
    public String limits() {
        boolean any = min == 0 && max == Long.MAX_VALUE;
        return any ? "" : Numbers.range(this);
    }

    /** A member that may be absent. */
    static Member of(String name, ValueKind kind, String description) {
        return new Member(name, kind, false, List.of(), 0, Long.MAX_VALUE, null, "", description);
    }

    /** A number that may be absent. */
    static Member of(String name, ValueKind kind, long min, long max, String description) {
        return new Member(name, kind, false, List.of(), min, max, null, "", description);
    }

    /** A member that is an object or a list of objects. */
    static Member of(String name, ValueKind kind, Shape shape, String description) {
        return new Member(name, kind, false, List.of(), 0, Long.MAX_VALUE, shape, "", description);
    }

    /** One word of a list. */
    static Member word(String name, List<String> words, String description) {
        return new Member(name, ValueKind.WORD, false, words, 0, Long.MAX_VALUE, null, "", description);
    }

    /** The same, but it must be there. */
    Member must() {
        return new Member(name, kind, true, words, min, max, shape, fallback, description);
    }

    /** The same, with what holds when it is absent. */
    Member otherwise(String value) {
        return new Member(name, kind, required, words, min, max, shape, value, description);
    }

    /** The same, limited to some words. */
    public Member oneOf(List<String> allowed) {
        return new Member(name, kind, required, allowed, min, max, shape, fallback, description);
    }
}
