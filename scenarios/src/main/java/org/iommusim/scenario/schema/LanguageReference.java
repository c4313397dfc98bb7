package org.iommusim.scenario.schema;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.iommusim.hw.provider.IommuProvider;
import org.iommusim.hw.provider.Parameter;
import org.iommusim.hw.provider.Preset;
import org.iommusim.iommufd.actor.ActorKind;
import org.iommusim.iommufd.actor.Field;
import org.iommusim.iommufd.actor.FieldKind;
import org.iommusim.iommufd.actor.Verb;
import org.iommusim.scenario.language.ExploreLanguage;
import org.iommusim.scenario.language.Language;
import org.iommusim.scenario.language.Member;
import org.iommusim.scenario.language.Shape;
import org.iommusim.scenario.language.Steps;
import org.iommusim.scenario.language.ValueKind;
import org.iommusim.scenario.language.Vocabulary;

/** Writes the reference part of the manual, in Markdown. */
public final class LanguageReference {
    private final Vocabulary vocabulary;
    private final StringBuilder out = new StringBuilder();

    private LanguageReference(Vocabulary vocabulary) {
        this.vocabulary = vocabulary;
    }

    /** The reference of all that these words can say. */
    public static String of(Vocabulary vocabulary) {
        return new LanguageReference(vocabulary).text();
    }

    private String text() {
        out.append("## Objects\n");
        for (Shape shape : Language.SHAPES) {
            heading(3, "`" + shape.name() + "`", shape.description());
            table(shape);
        }
        for (ActorKind kind : ActorKind.values()) {
            if (kind.verbs() != kind) {
                continue;
            }
            heading(2, "Verbs of a " + kind.word() + (kind == ActorKind.VMM ? " or of a thread" : ""), "");
            vocabulary.verbs(kind).forEach(this::verb);
        }
        heading(2, "IOMMUs", "");
        vocabulary.providers().stream()
                .sorted(Comparator.comparing(IommuProvider::kind))
                .forEach(this::iommu);
        return out.toString();
    }

    private void heading(int level, String title, String text) {
        out.append('\n').append("#".repeat(level)).append(' ').append(title).append('\n');
        if (!text.isEmpty()) {
            out.append('\n').append(text).append('\n');
        }
    }

    private void table(Shape shape) {
        out.append("\n| member | value | meaning |\n| --- | --- | --- |\n");
        for (Member member : shape.members()) {
            out.append("| `").append(member.name()).append("`").append(member.required() ? " (required)" : "");
            out.append(" | ").append(value(shape, member)).append(" | ").append(member.description());
            out.append(member.fallback().isEmpty() ? "" : " If absent: " + member.fallback() + ".")
                    .append(" |\n");
        }
    }

    private String value(Shape of, Member member) {
        if (of == ExploreLanguage.OUTCOME && member.kind() == ValueKind.WORDS) {
            return "list of names";
        }
        return value(member.oneOf(vocabulary.words(of, member)));
    }

    private static String value(Member member) {
        Shape shape = member.shape();
        if (shape != null) {
            return (member.kind() == ValueKind.OBJECTS ? "list of `" : "`") + shape.name() + "`";
        }
        if (member.kind() == ValueKind.COUNT_OR_WORD) {
            return words(member.words()) + " or number, " + member.limits();
        }
        if (!member.words().isEmpty()) {
            return (member.kind() == ValueKind.WORDS ? "list of " : "") + words(member.words());
        }
        String kind = switch (member.kind()) {
            case NAME, ID, NEW_NAME -> "new name";
            case ID_OF -> "id";
            case FLAG -> "`true`, `false`";
            case COUNT, NUMBER -> "number";
            case BDF -> "`\"bb:dd.f\"`";
            case REFERENCE -> "`\"$name\"` or number";
            case WORDS -> "list of words";
            case REGISTERS -> "list of `[offset, bytes, value]`";
            case PARAMETERS -> "parameters, see [IOMMUs](#iommus)";
            default -> member.kind().name().toLowerCase(Locale.ROOT);
        };
        return kind + (member.limits().isEmpty() ? "" : ", " + member.limits());
    }

    private static String words(List<String> words) {
        return words.stream().map(w -> "`" + w + "`").collect(Collectors.joining(", "));
    }

    private void verb(Verb verb) {
        heading(3, "`" + verb.name() + "`", verb.summary());
        if (verb.fields().isEmpty()) {
            return;
        }
        out.append("\n| field | value | meaning |\n| --- | --- | --- |\n");
        for (Field field : verb.fields()) {
            out.append("| `").append(field.name()).append("`").append(field.required() ? " (required)" : "");
            boolean id = field.kind() == FieldKind.DEVICE || field.kind() == FieldKind.TRAFFIC;
            out.append(" | ").append(id ? idOf(field) : value(Steps.member(field)));
            out.append(" | ").append(field.description()).append(" |\n");
        }
    }

    private static String idOf(Field field) {
        return "id of a " + field.kind().name().toLowerCase(Locale.ROOT);
    }

    private void iommu(IommuProvider provider) {
        heading(3, "`" + provider.kind() + "`: " + provider.title(), "");
        if (!provider.presets().isEmpty()) {
            out.append("\n| preset | meaning |\n| --- | --- |\n");
            for (Preset preset : provider.presets()) {
                out.append("| `")
                        .append(preset.name())
                        .append("` | ")
                        .append(preset.description())
                        .append(" |\n");
            }
        }
        if (provider.parameters().isEmpty()) {
            out.append("\nNo parameters.\n");
            return;
        }
        out.append("\n| parameter | value | default | meaning | source |\n| --- | --- | --- | --- | --- |\n");
        for (Parameter p : provider.parameters()) {
            out.append("| `")
                    .append(p.name())
                    .append("` | ")
                    .append(ParameterText.range(p))
                    .append(" | ");
            out.append(p.defaultValue())
                    .append(" | ")
                    .append(p.description())
                    .append(" | ")
                    .append(p.source());
            out.append(" |\n");
        }
    }
}
