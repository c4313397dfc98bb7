package org.iommusim.scenario.language;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.iommusim.iommufd.actor.ActorKind;
import org.iommusim.iommufd.actor.Field;
import org.iommusim.iommufd.actor.FieldKind;
import org.iommusim.iommufd.actor.ScriptStep;
import org.iommusim.iommufd.actor.Verb;
import org.iommusim.scenario.json.JsonValue;
import org.iommusim.scenario.language.Scenario.ActorScript;

/** Reads actors and their scripts; what a step refers to must be there when the step runs. */
final class ScriptLoader {
    private final Vocabulary vocabulary;
    private final Set<String> iommus;
    private final Set<String> devices;
    private final Set<String> traffics;
    private final LabelOrder labels = new LabelOrder();
    /** What each actor names in its script, so that others can refer to it. */
    private final Map<String, Set<String>> names = new LinkedHashMap<>();
    /** What the other threads of the same process name. */
    private final Map<String, Set<String>> othersNames = new LinkedHashMap<>();

    ScriptLoader(Vocabulary vocabulary, TopologyLoader topology) {
        this.vocabulary = vocabulary;
        iommus = topology.iommus().all();
        devices = topology.devices().all();
        traffics = topology.traffics().all();
    }

    /** Labels that some step sets. */
    Set<String> labels() {
        return labels.labels();
    }

    /** What each actor names in its script. */
    Map<String, Set<String>> names() {
        return names;
    }

    List<ActorScript> load(List<Fields> actors) {
        Ids ids = new Ids();
        Map<String, ActorKind> kinds = new LinkedHashMap<>();
        for (Fields actor : actors) {
            kinds.put(ids.take(actor), kind(actor));
        }
        nameAll(actors, kinds);
        List<ActorScript> scripts = new ArrayList<>();
        for (Fields actor : actors) {
            scripts.add(script(actor, kinds));
        }
        labels.check();
        return scripts;
    }

    private static ActorKind kind(Fields actor) {
        List<String> words = new ArrayList<>();
        for (ActorKind kind : ActorKind.values()) {
            words.add(kind.word());
        }
        return ActorKind.values()[words.indexOf(actor.word("kind", words, ""))];
    }

    private ActorScript script(Fields actor, Map<String, ActorKind> kinds) {
        String id = actor.text("id", "");
        ActorKind kind = kind(actor);
        String vmm = vmmOf(actor, kind, kinds);
        if (kind != ActorKind.GUEST && actor.has("iommu")) {
            throw actor.at("iommu").wrong("found \"iommu\" in a " + kind.word(), "expected it in a guest only");
        }
        String first = kind == ActorKind.GUEST ? iommus.stream().findFirst().orElse("") : "";
        String iommu = actor.word("iommu", iommus, first);
        // What another thread names may be there: nothing but the run decides.
        Set<String> namedSoFar = new TreeSet<>(othersNames.getOrDefault(id, Set.of()));
        List<ScriptStep> steps = new ArrayList<>();
        List<String> comments = new ArrayList<>();
        labels.nextActor();
        for (Place place : actor.at("script").elements()) {
            Verb verb = verb(place, kind);
            Fields fields = new Fields(place, Steps.shape(verb));
            steps.add(step(id, verb, fields, namedSoFar));
            comments.add(fields.text("comment", ""));
            labels.step(fields);
        }
        return new ActorScript(id, kind, vmm, iommu, steps, comments);
    }

    private static String vmmOf(Fields actor, ActorKind kind, Map<String, ActorKind> kinds) {
        boolean needed = kind == ActorKind.GUEST || kind == ActorKind.THREAD;
        if (needed != actor.has("vmm")) {
            throw actor.at("vmm")
                    .wrong(
                            "found "
                                    + (needed
                                            ? "a " + kind.word() + " without \"vmm\""
                                            : "\"vmm\" in a " + kind.word()),
                            "expected every guest and every thread, and nobody else, to name its VMM");
        }
        List<String> vmms = kinds.keySet().stream()
                .filter(other -> kinds.get(other) == ActorKind.VMM)
                .toList();
        return actor.word("vmm", vmms, "");
    }

    /** Collects what each actor names; the threads of a VMM, and it itself, name the same things. */
    private void nameAll(List<Fields> actors, Map<String, ActorKind> kinds) {
        Map<String, Set<String>> own = new LinkedHashMap<>();
        Map<String, Set<String>> ofProcess = new LinkedHashMap<>();
        for (Fields actor : actors) {
            String id = actor.text("id", "");
            own.put(id, namesOf(actor));
            ofProcess
                    .computeIfAbsent(process(actor, kinds), key -> new TreeSet<>())
                    .addAll(known(own, id));
        }
        for (Fields actor : actors) {
            String id = actor.text("id", "");
            String process = process(actor, kinds);
            names.put(id, known(ofProcess, process));
            Set<String> others = new TreeSet<>();
            actors.stream()
                    .filter(other -> other != actor && process(other, kinds).equals(process))
                    .forEach(other -> others.addAll(known(own, other.text("id", ""))));
            othersNames.put(id, others);
        }
    }

    private static Set<String> known(Map<String, Set<String>> sets, String id) {
        return sets.getOrDefault(id, Set.of());
    }

    /** Whose names an actor uses: a thread's are its VMM's. */
    private static String process(Fields actor, Map<String, ActorKind> kinds) {
        String id = actor.text("id", "");
        return kinds.get(id) == ActorKind.THREAD && actor.has("vmm") ? actor.text("vmm", "") : id;
    }

    private Verb verb(Place place, ActorKind kind) {
        List<String> known = vocabulary.verbs(kind).stream().map(Verb::name).toList();
        String name = nameOfVerb(place, known);
        Verb verb = vocabulary.verb(kind, name).orElse(null);
        if (verb != null) {
            return verb;
        }
        Place at = new Fields(place, anyStep(place)).at("do");
        for (ActorKind other : ActorKind.values()) {
            if (vocabulary.verb(other, name).isPresent()) {
                throw at.wrong(
                        "found \"" + name + "\" in the script of a " + kind.word(),
                        "expected it in that of a " + other.word());
            }
        }
        throw at.wrong("found the unknown verb \"" + name + "\"", NearMiss.of(name, known));
    }

    private static String nameOfVerb(Place place, List<String> known) {
        Fields fields = new Fields(place, anyStep(place));
        return fields.at("do").text(NearMiss.expected(known));
    }

    /** A shape that has all the members that this step has: its verb is not known yet. */
    private static Shape anyStep(Place place) {
        List<Member> members = new ArrayList<>(Language.STEP.members());
        if (place.value() instanceof JsonValue.Members object) {
            object.members().keySet().forEach(name -> members.add(Member.of(name, ValueKind.TEXT, "")));
        }
        return new Shape(Language.STEP.name(), "", members);
    }

    private ScriptStep step(String actor, Verb verb, Fields fields, Set<String> namedSoFar) {
        SortedMap<String, Object> values = new TreeMap<>();
        for (Field field : verb.fields()) {
            if (fields.has(field.name())) {
                values.put(field.name(), value(actor, field, fields, namedSoFar));
            }
        }
        for (Field field : verb.fields()) {
            if (field.kind() == FieldKind.NEW_NAME && fields.has(field.name())) {
                namedSoFar.add(fields.text(field.name(), ""));
            }
        }
        List<String> after = fields.words("after").stream()
                .map(place -> place.text("expected a label"))
                .toList();
        return new ScriptStep(
                fields.place().file() + ": " + fields.place().pointer(),
                verb,
                values,
                Answers.read(fields),
                fields.number("at", -1),
                after,
                fields.text("label", ""));
    }

    private Object value(String actor, Field field, Fields fields, Set<String> namedSoFar) {
        String name = field.name();
        return switch (field.kind()) {
            case NUMBER, VIRT_ID, SIZE, DURATION -> fields.number(name, 0);
            case TEXT, NEW_NAME -> fields.text(name, "");
            case FLAG -> fields.flag(name, false);
            case DEVICE -> fields.word(name, devices, "");
            case TRAFFIC -> fields.word(name, traffics, "");
            case REFERENCE -> new References(names).read(actor, fields, name, namedSoFar);
            case WORDS -> words(field, fields);
        };
    }

    private static List<String> words(Field field, Fields fields) {
        List<String> words = new ArrayList<>();
        for (Place place : fields.words(field.name())) {
            String word = place.text("expected a word");
            if (!field.choices().isEmpty() && !field.choices().contains(word)) {
                throw place.wrong(NearMiss.of(word, field.choices()));
            }
            words.add(word);
        }
        return words;
    }

    /** Every name that the script gives, whether or not the rest of it is right. */
    private Set<String> namesOf(Fields actor) {
        Set<String> given = new TreeSet<>();
        ActorKind kind = kind(actor);
        for (Place place : actor.at("script").elements()) {
            Verb verb = verb(place, kind);
            Fields fields = new Fields(place, Steps.shape(verb));
            for (Field field : verb.fields()) {
                if (field.kind() == FieldKind.NEW_NAME && fields.has(field.name())) {
                    given.add(fields.text(field.name(), ""));
                }
            }
        }
        return given;
    }
}
