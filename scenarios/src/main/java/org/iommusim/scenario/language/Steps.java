package org.iommusim.scenario.language;

import java.util.ArrayList;
import java.util.List;
import org.iommusim.hw.provider.Parameter;
import org.iommusim.iommufd.actor.Field;
import org.iommusim.iommufd.actor.FieldKind;
import org.iommusim.iommufd.actor.Verb;

/** What other modules bring into the language, in its own terms: verbs as shapes, fields and parameters as members. */
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

    /** A parameter of an IOMMU as a member of the object {@code parameters}. */
    public static Member parameter(Parameter parameter) {
        ValueKind kind = switch (parameter.unit()) {
            case "ps" -> ValueKind.DURATION;
            case "bytes" -> ValueKind.SIZE;
            default -> ValueKind.NUMBER;
        };
        return Member.of(parameter.name(), kind, parameter.min(), parameter.max(), parameter.description());
    }

    private static ValueKind kind(Field field) {
        FieldKind kind = field.kind();
        return switch (kind) {
            case NUMBER, VIRT_ID -> ValueKind.NUMBER;
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
