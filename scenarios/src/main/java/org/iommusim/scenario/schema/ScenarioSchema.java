package org.iommusim.scenario.schema;

import java.util.ArrayList;
import java.util.List;
import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.provider.IommuProvider;
import org.iommusim.hw.provider.Parameter;
import org.iommusim.hw.provider.Preset;
import org.iommusim.iommufd.actor.ActorKind;
import org.iommusim.iommufd.actor.Verb;
import org.iommusim.scenario.json.JsonOutput;
import org.iommusim.scenario.language.Language;
import org.iommusim.scenario.language.Member;
import org.iommusim.scenario.language.Registers;
import org.iommusim.scenario.language.Shape;
import org.iommusim.scenario.language.Steps;
import org.iommusim.scenario.language.ValueKind;
import org.iommusim.scenario.language.Vocabulary;

/** Writes the JSON Schema (2020-12) of scenarios. */
public final class ScenarioSchema {
    private static final String DIALECT = "https://json-schema.org/draft/2020-12/schema";

    private final Vocabulary vocabulary;
    private final JsonOutput json = new JsonOutput();

    private ScenarioSchema(Vocabulary vocabulary) {
        this.vocabulary = vocabulary;
    }

    /** The schema of all that these words can say. */
    public static String of(Vocabulary vocabulary) {
        return new ScenarioSchema(vocabulary).text();
    }

    private String text() {
        return json.object(() -> {
                    json.put("$schema", DIALECT).put("title", "iommusim scenario");
                    shape(Language.SCENARIO);
                    json.object("$defs", this::definitions);
                })
                .text();
    }

    private void definitions() {
        for (Shape shape : Language.SHAPES) {
            if (shape == Language.IOMMU) {
                json.object(shape.name(), () -> {
                    shape(shape);
                    json.array("allOf", () -> vocabulary.providers().forEach(this::iommuOfKind));
                });
            } else if (shape == Language.ACTOR) {
                json.object(shape.name(), this::actor);
            } else if (shape == Language.STEP) {
                for (ActorKind kind : ActorKind.values()) {
                    if (kind.verbs() == kind) {
                        json.object(kind.word() + "_step", () -> stepOf(kind));
                    }
                }
            } else if (shape != Language.SCENARIO) {
                json.object(shape.name(), () -> shape(shape));
            }
        }
        for (Verb verb : vocabulary.verbs()) {
            json.object(nameOf(verb), () -> verb(verb));
        }
        json.object(
                "errno",
                () -> json.put("description", "An errno's name, OK, or any; or a list of answers that are legal.")
                        .array("anyOf", () -> {
                            json.object(() -> errnos(List.of("OK", "0", "any")));
                            json.object(() -> json.put("type", "array")
                                    .put("minItems", 1)
                                    .put("uniqueItems", true)
                                    .object("items", () -> errnos(List.of("OK", "0"))));
                        }));
    }

    private void errnos(List<String> words) {
        json.array("enum", () -> {
            words.forEach(json::add);
            errnos().forEach(json::add);
        });
    }

    private static List<String> errnos() {
        List<String> names = new ArrayList<>();
        for (int errno = -1; errno > -200; errno--) {
            if (Errno.value(Errno.name(errno)) == errno) {
                names.add(Errno.name(errno));
            }
        }
        return names;
    }

    private static String nameOf(Verb verb) {
        return verb.actor().word() + "." + verb.name();
    }

    private void shape(Shape shape) {
        json.put("description", shape.description()).put("type", "object");
        json.object("properties", () -> shape.members().forEach(member -> property(shape, member)));
        List<String> required = shape.members().stream()
                .filter(Member::required)
                .map(Member::name)
                .toList();
        if (!required.isEmpty()) {
            json.array("required", () -> required.forEach(json::add));
        }
        json.put("additionalProperties", false);
    }

    private void property(Shape shape, Member member) {
        json.object(member.name(), () -> {
            String fallback = member.fallback().isEmpty() ? "" : " If absent: " + member.fallback() + ".";
            json.put("description", member.description() + fallback);
            List<String> words = vocabulary.words(shape, member);
            if (words.isEmpty() || member.kind() != ValueKind.WORD) {
                value(member.oneOf(words));
            } else {
                json.array("enum", () -> words.forEach(json::add));
            }
        });
    }

    private void value(Member member) {
        Shape inner = member.shape();
        switch (member.kind()) {
            case FLAG -> json.put("type", "boolean");
            case COUNT -> count(member);
            case COUNT_OR_WORD ->
                json.array(
                        "anyOf",
                        () -> json.object(() -> count(member))
                                .object(() ->
                                        json.array("enum", () -> member.words().forEach(json::add))));
            case NUMBER, ADDRESS, REFERENCE ->
                json.array(
                        "anyOf",
                        () -> json.object(() -> json.put("type", "integer").put("minimum", 0))
                                .object(() -> string(member.kind())));
            case WORDS ->
                json.array(
                        "anyOf",
                        () -> json.object(() -> json.put("type", "string"))
                                .object(() -> json.put("type", "array").object("items", () -> {
                                    json.put("type", "string");
                                    if (!member.words().isEmpty()) {
                                        json.array("enum", () -> member.words().forEach(json::add));
                                    }
                                })));
            case OBJECT -> json.put("$ref", "#/$defs/" + (inner == null ? "" : inner.name()));
            case OBJECTS ->
                json.put("type", "array")
                        .object("items", () -> json.put("$ref", "#/$defs/" + (inner == null ? "" : inner.name())));
            case PARAMETERS -> json.put("type", "object");
            case REGISTERS ->
                json.put("type", "array")
                        .object(
                                "items",
                                () -> json.put("type", "array")
                                        .put("minItems", 3)
                                        .put("maxItems", 3)
                                        .object("items", () -> value(Registers.NUMBER)));
            default -> string(member.kind());
        }
    }

    private void count(Member member) {
        json.put("type", "integer").put("minimum", member.min());
        if (member.max() != Long.MAX_VALUE) {
            json.put("maximum", member.max());
        }
    }

    private void string(ValueKind kind) {
        json.put("type", "string").put("pattern", kind.pattern().isEmpty() ? null : kind.pattern());
    }

    /** An IOMMU's presets and parameters depend on its kind. */
    private void iommuOfKind(IommuProvider provider) {
        json.object(() -> {
            ifIs("kind", provider.kind());
            json.object(
                    "then",
                    () -> json.object("properties", () -> {
                        if (!provider.presets().isEmpty()) {
                            json.object(
                                    "preset",
                                    () -> json.array(
                                            "enum",
                                            () -> provider.presets().stream()
                                                    .map(Preset::name)
                                                    .forEach(json::add)));
                        }
                        json.object("parameters", () -> {
                            json.object(
                                    "properties", () -> provider.parameters().forEach(this::parameter));
                            json.put("additionalProperties", false);
                        });
                    }));
        });
    }

    private void parameter(Parameter parameter) {
        json.object(parameter.name(), () -> {
            json.put("description", ParameterText.describe(parameter));
            if (parameter.unit().equals("flag")) {
                json.array("enum", () -> json.add(false).add(true).add(0).add(1));
            } else {
                value(Steps.parameter(parameter));
            }
        });
    }

    private void actor() {
        json.put("description", Language.ACTOR.description()).put("type", "object");
        json.object("properties", () -> {
            for (Member member : Language.ACTOR.members()) {
                if (member.shape() == Language.STEP) {
                    json.object(member.name(), () -> json.put("type", "array"));
                } else {
                    property(Language.ACTOR, member);
                }
            }
        });
        json.array("required", () -> json.add("id").add("kind").add("script"));
        json.put("additionalProperties", false);
        json.array("allOf", () -> {
            for (ActorKind kind : ActorKind.values()) {
                json.object(() -> {
                    ifIs("kind", kind.word());
                    json.object(
                            "then",
                            () -> json.object(
                                    "properties",
                                    () -> json.object(
                                            "script",
                                            () -> json.object(
                                                    "items",
                                                    () -> json.put(
                                                            "$ref",
                                                            "#/$defs/"
                                                                    + kind.verbs()
                                                                            .word() + "_step")))));
                });
            }
        });
    }

    /** A step is told by what it does. */
    private void stepOf(ActorKind kind) {
        List<Verb> verbs = vocabulary.verbs(kind);
        json.put("description", "One step of a " + kind.word() + ".").put("type", "object");
        json.object(
                "properties",
                () -> json.object(
                        "do",
                        () -> json.put("description", "What is done.")
                                .array(
                                        "enum",
                                        () -> verbs.stream().map(Verb::name).forEach(json::add))));
        json.array("required", () -> json.add("do"));
        json.array("allOf", () -> {
            for (Verb verb : verbs) {
                json.object(() -> {
                    ifIs("do", verb.name());
                    json.object("then", () -> json.put("$ref", "#/$defs/" + nameOf(verb)));
                });
            }
        });
    }

    private void verb(Verb verb) {
        Shape shape = Steps.shape(verb);
        json.put("description", shape.description()).put("type", "object");
        json.object("properties", () -> {
            for (Member member : shape.members()) {
                if (member.name().equals("do")) {
                    json.object("do", () -> json.put("const", verb.name()).put("description", verb.summary()));
                } else if (member.name().equals("errno")) {
                    json.object("errno", () -> json.put("$ref", "#/$defs/errno"));
                } else {
                    property(shape, member);
                }
            }
        });
        json.array(
                "required",
                () -> shape.members().stream()
                        .filter(Member::required)
                        .map(Member::name)
                        .forEach(json::add));
        json.put("additionalProperties", false);
    }

    private void ifIs(String member, String word) {
        json.object(
                "if",
                () -> json.object("properties", () -> json.object(member, () -> json.put("const", word)))
                        .array("required", () -> json.add(member)));
    }
}
