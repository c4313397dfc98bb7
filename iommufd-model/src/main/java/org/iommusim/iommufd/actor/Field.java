package org.iommusim.iommufd.actor;

import java.util.List;

/**
 * One field of a step.
 *
 * @param name as scenarios spell it: the uAPI's field name where there is one
 * @param kind what it holds
 * @param required true if a step must have it
 * @param choices allowed words for {@link FieldKind#TEXT} and {@link FieldKind#WORDS}; empty: any
 * @param description one sentence
 */
public record Field(String name, FieldKind kind, boolean required, List<String> choices, String description) {
    /** Copies the choices. */
    public Field {
        choices = List.copyOf(choices);
    }

    /** A field that a step must have. */
    public static Field required(String name, FieldKind kind, String description) {
        return new Field(name, kind, true, List.of(), description);
    }

    /** A field that a step may have. */
    public static Field optional(String name, FieldKind kind, String description) {
        return new Field(name, kind, false, List.of(), description);
    }

    /** The same field, limited to some words. */
    public Field oneOf(String... words) {
        return new Field(name, kind, required, List.of(words), description);
    }
}
