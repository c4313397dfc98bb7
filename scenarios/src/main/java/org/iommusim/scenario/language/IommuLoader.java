package org.iommusim.scenario.language;

import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.iommusim.hw.provider.IommuConfig;
import org.iommusim.hw.provider.IommuConfigException;
import org.iommusim.hw.provider.IommuProvider;
import org.iommusim.hw.provider.Parameter;
import org.iommusim.hw.provider.Preset;
import org.iommusim.scenario.json.JsonValue;

/** Reads an IOMMU against what its provider can be set to. */
final class IommuLoader {
    private static final List<String> KINDS = List.of("amdvi", "smmuv3", "vtd");

    private final List<IommuProvider> providers;

    IommuLoader(List<IommuProvider> providers) {
        this.providers = providers;
    }

    Topology.Iommu load(String id, Fields fields) {
        IommuProvider provider = provider(fields);
        List<String> presets = provider.presets().stream().map(Preset::name).toList();
        String preset = fields.word("preset", presets, "");
        IommuConfig config = new IommuConfig(id, preset, parameters(provider, fields));
        try {
            config.resolve(provider);
        } catch (IommuConfigException e) {
            throw wrong(fields, e);
        }
        return new Topology.Iommu(fields.place().pointer(), provider.kind(), config, Registers.load(fields));
    }

    /** What a provider found, in the words of all messages. */
    private static ScenarioException wrong(Fields fields, IommuConfigException e) {
        return wrong(fields.place().file(), fields.place().pointer(), e);
    }

    /** The one line about an IOMMU that cannot be made. */
    static ScenarioException wrong(String file, String pointer, IommuConfigException e) {
        boolean member = e.field().equals("kind") || e.field().equals("preset");
        String found = String.valueOf(e.getMessage());
        return new ScenarioException(
                file,
                pointer + (member ? "/" : "/parameters/") + e.field(),
                found.startsWith("found ") ? found : "found " + found,
                e.expected().startsWith("expected ") ? e.expected() : "expected " + e.expected());
    }

    private IommuProvider provider(Fields fields) {
        List<String> known = providers.stream().map(IommuProvider::kind).toList();
        String kind = fields.at("kind").text(NearMiss.expected(known));
        if (KINDS.contains(kind) && !known.contains(kind)) {
            throw fields.at("kind")
                    .wrong("found \"" + kind + "\", which cannot be simulated yet", NearMiss.expected(known));
        }
        String word = fields.word("kind", known, "");
        return providers.stream().filter(p -> p.kind().equals(word)).findFirst().orElseThrow();
    }

    private static SortedMap<String, Long> parameters(IommuProvider provider, Fields fields) {
        SortedMap<String, Long> values = new TreeMap<>();
        if (!fields.has("parameters")) {
            return values;
        }
        Place place = fields.at("parameters");
        if (!(place.value() instanceof JsonValue.Members object)) {
            throw place.wrong("expected an object of parameters");
        }
        SortedMap<String, Parameter> known = new TreeMap<>();
        provider.parameters().forEach(p -> known.put(p.name(), p));
        for (Map.Entry<String, JsonValue> member : object.members().entrySet()) {
            Place at = place.member(member.getKey(), member.getValue());
            Parameter parameter = known.get(member.getKey());
            if (parameter == null) {
                throw at.wrong(
                        "found the unknown parameter \"" + member.getKey() + "\"",
                        NearMiss.of(member.getKey(), known.keySet()));
            }
            values.put(member.getKey(), value(at, parameter));
        }
        return values;
    }

    private static long value(Place at, Parameter parameter) {
        if (at.value() instanceof JsonValue.Flag flag && parameter.unit().equals("flag")) {
            return flag.value() ? 1 : 0;
        }
        return Numbers.read(at, Steps.parameter(parameter));
    }
}
