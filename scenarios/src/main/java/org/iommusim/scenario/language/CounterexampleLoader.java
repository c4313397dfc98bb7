package org.iommusim.scenario.language;

import java.util.List;
import java.util.Locale;
import org.iommusim.scenario.language.ExploreSettings.UserCopies;

/** Turns a counterexample's file into a {@link CounterexampleFile}, or says in one line why it cannot. */
public final class CounterexampleLoader {
    private static final Shape BOUNDS = Shape.of(
            "bounds",
            "What bounds the model.",
            Member.of("from", ValueKind.NEW_NAME, "Where the exploration begins."),
            Member.of("timeouts", ValueKind.COUNT, 0, 1000, "How many timeouts may fire at any point.")
                    .must(),
            Member.word("user_copies", List.of("prompt", "finite", "forever"), "How long user copies take.")
                    .must(),
            Member.of("strict", ValueKind.FLAG, "Whether accepted deviations count.")
                    .must());

    private static final Shape VIOLATION = Shape.of(
            "violation",
            "What was found.",
            Member.of("checker", ValueKind.TEXT, "Who objects.").must(),
            Member.of("message", ValueKind.TEXT, "What it says.").must());

    private static final Shape COUNTEREXAMPLE = Shape.of(
            "counterexample",
            "A schedule that violates something.",
            Member.of("format", ValueKind.COUNT, 1, CounterexampleFile.FORMAT, "The version of this form.")
                    .must(),
            Member.of("kernel", ValueKind.WORD, "The kernel.").must(),
            Member.of("patches", ValueKind.WORDS, "Known bugs.").must(),
            Member.of("bounds", ValueKind.OBJECT, BOUNDS, "What bounds the model.")
                    .must(),
            Member.of("violation", ValueKind.OBJECT, VIOLATION, "What was found.")
                    .must(),
            Member.of("digest", ValueKind.TEXT, "SHA-256 of what it showed.").must(),
            Member.of("choices", ValueKind.WORDS, "Lane of each transition.").must(),
            Member.of("scenario", ValueKind.OBJECT, Language.SCENARIO, "What was explored.")
                    .must());

    private final Vocabulary vocabulary;

    /** Makes a loader that knows these words. */
    public CounterexampleLoader(Vocabulary vocabulary) {
        this.vocabulary = vocabulary;
    }

    /**
     * Reads and checks a counterexample.
     *
     * @param file what messages call it
     * @param utf8 its content
     * @throws ScenarioException if anything is wrong with it, or with the scenario in it
     */
    public CounterexampleFile load(String file, byte[] utf8) {
        Fields fields = new Fields(new Place(file, "", ScenarioLoader.parse(file, utf8)), COUNTEREXAMPLE);
        fields.number("format", 0);
        Fields bounds = fields.object("bounds").orElseThrow();
        Fields violation = fields.object("violation").orElseThrow();
        Place text = fields.at("scenario");
        Scenario scenario = new ScenarioLoader(vocabulary)
                .load(text, Attachments.beside(file))
                .withKernel(fields.word("kernel", vocabulary.policies(), ""));
        return new CounterexampleFile(
                scenario.withExplore(settings(scenario, bounds)),
                text.value(),
                ExploreLoader.words(fields, "patches", "patch", vocabulary.patches()),
                bounds.flag("strict", false),
                choices(fields),
                violation.text("checker", ""),
                violation.text("message", ""),
                fields.text("digest", ""));
    }

    private static ExploreSettings settings(Scenario scenario, Fields bounds) {
        ExploreSettings written = scenario.exploreOrUnsaid();
        return new ExploreSettings(
                bounds.text("from", ""),
                written.strategy(),
                written.preemptions(),
                bounds.count("timeouts", 0),
                UserCopies.valueOf(bounds.text("user_copies", "").toUpperCase(Locale.ROOT)),
                written.maxSchedules(),
                written.outcomes());
    }

    private static List<String> choices(Fields fields) {
        return fields.words("choices").stream()
                .map(place -> place.text("expected the name of a lane"))
                .toList();
    }
}
