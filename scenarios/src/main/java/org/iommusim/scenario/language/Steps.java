package org.iommusim.scenario.language;

import java.util.ArrayList;
import java.util.List;
import org.iommusim.iommufd.actor.Field;
import org.iommusim.iommufd.actor.FieldKind;
import org.iommusim.iommufd.actor.Verb;

/** Verbs as shapes: what every step has, and what the verb's own fields add. */
public final class Steps {
    private Steps() {}

    /** The shape of a verb's steps. */
    public static Shape shape(Verb verb) {
        List<Member> members = new ArrayList<>(Language.STEP.members());
        verb.fields().forEach(field -> members.add(member(field)));
        return new Shape("step " + verb.name(), verb.summary(), members);
    }

    /** A verb's field as a member. */
    public static Member member(Field field) {
        Member member =
                Member.of(field.name(), kind(field), field.description()).oneOf(field.choices());
        return field.required() ? member.must() : member;
    }

    private static ValueKind kind(Field field) {
        FieldKind kind = field.kind();
        return switch (kind) {
            case NUMBER -> ValueKind.NUMBER;
            case SIZE -> ValueKind.ADDRESS;
            case DURATION -> ValueKind.DURATION;
            case TEXT -> field.choices().isEmpty() ? ValueKind.TEXT : ValueKind.WORD;
            case FLAG -> ValueKind.FLAG;
            case DEVICE, TRAFFIC -> ValueKind.ID_OF;
            case NEW_NAME -> ValueKind.NEW_NAME;
            case REFERENCE -> ValueKind.REFERENCE;
            case WORDS -> ValueKind.WORDS;
        };
    }
}
