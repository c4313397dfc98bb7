package org.iommusim.scenario.library;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.iommusim.scenario.cli.TestScenarios;
import org.iommusim.scenario.language.ExploreSettings.Outcome;
import org.iommusim.scenario.language.Scenario;

/**
 * The corpus: bundled scenarios that are named after a known bug, and the table of them in {@code docs/corpus.md}.
 *
 * @param entry its name and one line
 * @param scenario the scenario
 */
record CorpusPage(Library.Entry entry, Scenario scenario) {
    private static final Pattern NAME = Pattern.compile("([a-gij][0-9]{1,3})-.*");
    private static final Pattern DESCRIPTION = Pattern.compile("([A-Z][0-9]{1,3}) \\((.*?)\\)\\. .*");

    /** All scenarios of the corpus, by the bugs' numbers. */
    static List<CorpusPage> all() {
        return Library.bundled().stream()
                .filter(entry -> NAME.matcher(entry.name()).matches())
                .map(entry -> new CorpusPage(entry, TestScenarios.bundled(entry.name())))
                .sorted(Comparator.comparing((CorpusPage page) -> page.bug().charAt(0))
                        .thenComparing(page -> Integer.parseInt(page.bug().substring(1))))
                .toList();
    }

    /** The bug's number, as its scenario is named. */
    String bug() {
        Matcher name = NAME.matcher(entry.name());
        return name.matches() ? name.group(1).toUpperCase(Locale.ROOT) : "";
    }

    /** The bug's number as the description begins with it. */
    String describedBug() {
        return described(1);
    }

    /** How sure it is, and who says so. */
    String source() {
        return described(2);
    }

    private String described(int group) {
        Matcher text = DESCRIPTION.matcher(scenario.description());
        return text.matches() ? text.group(group) : "";
    }

    /** Outcomes in which something is found. */
    List<Outcome> found() {
        return outcomes().stream().filter(o -> !o.finds().isEmpty()).toList();
    }

    /** Outcomes in which nothing is found. */
    List<Outcome> safe() {
        return outcomes().stream().filter(o -> o.finds().isEmpty()).toList();
    }

    private List<Outcome> outcomes() {
        return scenario.explore().map(e -> e.outcomes()).orElse(List.of());
    }

    /** The table. */
    static String table(List<CorpusPage> pages) {
        List<String> lines = new ArrayList<>();
        lines.add("| Bug | What happens | Known from | Scenario | Found in | By | Nothing found in |");
        lines.add("|---|---|---|---|---|---|---|");
        pages.forEach(page -> lines.add(page.line()));
        return String.join("\n", lines) + "\n";
    }

    private String line() {
        return String.join(
                        " | ",
                        "| " + bug(),
                        entry.summary(),
                        source(),
                        "`" + entry.name() + "`",
                        titles(found()),
                        found().stream()
                                .flatMap(o -> o.finds().stream())
                                .distinct()
                                .collect(Collectors.joining(", ")),
                        titles(safe()))
                + " |";
    }

    private static String titles(List<Outcome> outcomes) {
        return outcomes.stream().map(o -> "`" + o.title() + "`").collect(Collectors.joining(", "));
    }
}
