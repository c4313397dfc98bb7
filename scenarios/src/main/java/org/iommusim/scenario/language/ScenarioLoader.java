package org.iommusim.scenario.language;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.iommusim.hw.provider.IommuConfigException;
import org.iommusim.scenario.json.JsonReader;
import org.iommusim.scenario.json.JsonSyntaxException;
import org.iommusim.scenario.json.JsonValue;
import org.iommusim.scenario.language.Scenario.ActorScript;
import org.iommusim.sim.event.TieOrder;

/** Turns a scenario file into a {@link Scenario}, or says in one line why it cannot. */
public final class ScenarioLoader {
    private final Vocabulary vocabulary;

    /** Makes a loader that knows these words. */
    public ScenarioLoader(Vocabulary vocabulary) {
        this.vocabulary = vocabulary;
    }

    /**
     * Reads and checks a scenario.
     *
     * @param file what messages call it
     * @param utf8 its content
     * @throws ScenarioException if anything is wrong with it
     */
    public Scenario load(String file, byte[] utf8) {
        return load(file, utf8, Attachments.beside(file));
    }

    /**
     * Reads and checks a scenario.
     *
     * @param file what messages call it
     * @param utf8 its content
     * @param attachments the files that it names
     * @throws ScenarioException if anything is wrong with it or with them
     */
    public Scenario load(String file, byte[] utf8, Attachments attachments) {
        return load(new Place(file, "", parse(file, utf8)), attachments);
    }

    /** Checks a scenario that stands somewhere, also within another document. */
    Scenario load(Place place, Attachments attachments) {
        Fields fields = new Fields(place, Language.SCENARIO);
        TopologyLoader topologyLoader = new TopologyLoader(vocabulary, attachments);
        Topology topology = topologyLoader.load(fields.object("topology").orElseThrow());
        ScriptLoader scriptLoader = new ScriptLoader(vocabulary, topologyLoader);
        List<ActorScript> actors = scriptLoader.load(fields.objects("actors"));
        if (topology.preset() && !actors.isEmpty()) {
            throw fields.at("actors")
                    .wrong(
                            "found actors beside \"registers\"",
                            "expected none: a machine without a boot has no kernel");
        }
        return new Scenario(
                place.file(),
                fields.text("name", ""),
                fields.text("description", ""),
                fields.number("seed", 1),
                fields.word("kernel", vocabulary.policies(), defaultPolicy()),
                TieOrder.valueOf(fields.text("ties", "fifo").toUpperCase(Locale.ROOT)),
                topology,
                actors,
                new ExpectationLoader(topologyLoader.traffics().all(), scriptLoader.names())
                        .load(fields.objects("expect")),
                fields.object("explore")
                        .map(explore ->
                                new ExploreLoader(vocabulary, scriptLoader.labels(), kinds(topology)).load(explore)));
    }

    private static Set<String> kinds(Topology topology) {
        return topology.iommus().stream().map(Topology.Iommu::kind).collect(Collectors.toCollection(TreeSet::new));
    }

    /** The one line about an IOMMU that cannot be made although its settings are in range. */
    public static ScenarioException cannotMake(Scenario scenario, Topology.Iommu iommu, IommuConfigException e) {
        return IommuLoader.wrong(scenario.file(), iommu.pointer(), e);
    }

    /** The one line about a replay at a door that its IOMMU does not have. */
    public static ScenarioException noDoor(Scenario scenario, Topology.Replay replay, int doors) {
        return new ScenarioException(
                scenario.file(),
                replay.pointer() + "/door",
                "found " + replay.spec().door(),
                "expected 0 to " + (doors - 1) + ": the IOMMU has so many front ends");
    }

    private String defaultPolicy() {
        return Optional.of(vocabulary.policies())
                .filter(list -> !list.isEmpty())
                .map(list -> list.get(0))
                .orElse("");
    }

    /** A document as a tree, or the one line about broken JSON. */
    static JsonValue parse(String file, byte[] utf8) {
        try {
            return JsonReader.read(utf8);
        } catch (JsonSyntaxException e) {
            throw new ScenarioException(file, e.place(), String.valueOf(e.getMessage()), e.expected());
        }
    }
}
