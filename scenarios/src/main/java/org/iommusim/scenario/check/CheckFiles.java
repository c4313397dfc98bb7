package org.iommusim.scenario.check;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.iommusim.scenario.json.JsonReader;
import org.iommusim.scenario.json.JsonSyntaxException;
import org.iommusim.scenario.json.JsonValue;
import org.iommusim.scenario.language.CounterexampleLoader;
import org.iommusim.scenario.language.ExploreSettings.Outcome;
import org.iommusim.scenario.language.Scenario;
import org.iommusim.scenario.language.ScenarioException;
import org.iommusim.scenario.language.ScenarioLoader;
import org.iommusim.scenario.language.Vocabulary;
import org.iommusim.scenario.library.Library;
import org.iommusim.scenario.library.ScenarioSource;

/** Finds what is to be judged: files, directories with all that is below them, and bundled scenarios by name. */
public final class CheckFiles {
    private final ScenarioLoader scenarios;
    private final CounterexampleLoader counterexamples;

    /** Reads files that use these words. */
    public CheckFiles(Vocabulary vocabulary) {
        scenarios = new ScenarioLoader(vocabulary);
        counterexamples = new CounterexampleLoader(vocabulary);
    }

    /**
     * All cases of some paths, those of a directory in the order of their names.
     *
     * @param paths files, directories or bundled names; without any, all bundled scenarios
     * @throws ScenarioException if a path leads nowhere, or if something is wrong with a file
     */
    public List<CheckCase> find(List<String> paths) {
        List<String> names = new ArrayList<>();
        if (paths.isEmpty()) {
            Library.bundled().forEach(entry -> names.add(entry.name()));
        }
        for (String path : paths) {
            names.addAll(below(path));
        }
        List<CheckCase> cases = new ArrayList<>();
        names.forEach(name -> cases.addAll(of(Library.find(name))));
        return cases;
    }

    private static List<String> below(String name) {
        try {
            Path path = Path.of(name);
            if (!Files.isDirectory(path)) {
                return List.of(name);
            }
            try (Stream<Path> files = Files.walk(path)) {
                List<String> found = files.filter(Files::isRegularFile)
                        .map(Path::toString)
                        .filter(file -> file.endsWith(".json"))
                        .sorted()
                        .toList();
                if (found.isEmpty()) {
                    throw new ScenarioException(
                            name, "", "found a directory without .json files", "expected scenarios in it");
                }
                return found;
            }
        } catch (InvalidPathException e) {
            return List.of(name);
        } catch (IOException e) {
            throw new ScenarioException(name, "", "found a directory that cannot be read", "expected scenarios in it");
        }
    }

    private List<CheckCase> of(ScenarioSource source) {
        String file = source.name();
        List<String> members = members(source.utf8());
        if (members.contains("choices")) {
            return List.of(new CheckCase.Replay(file, counterexamples.load(file, source.utf8())));
        }
        if (!members.isEmpty() && !members.contains("topology")) {
            return List.of(new CheckCase.Skipped(file, "neither a scenario nor a counterexample"));
        }
        Scenario scenario = scenarios.load(file, source.utf8(), source.attachments());
        List<CheckCase> cases = new ArrayList<>();
        if (scenario.explore().isEmpty() || !scenario.expectations().isEmpty()) {
            cases.add(new CheckCase.Run(file, scenario));
        }
        for (Outcome outcome :
                scenario.explore().map(settings -> settings.outcomes()).orElse(List.of())) {
            cases.add(new CheckCase.Explore(file, scenario, outcome));
        }
        return cases;
    }

    /** Names of the document's members; none if it is no object: then it is read as a scenario, which says so. */
    private static List<String> members(byte[] utf8) {
        try {
            return JsonReader.read(utf8) instanceof JsonValue.Members object
                    ? List.copyOf(object.members().keySet())
                    : List.of();
        } catch (JsonSyntaxException e) {
            return List.of();
        }
    }
}
