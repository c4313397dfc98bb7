package org.iommusim.scenario.language;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.iommusim.scenario.language.ExploreSettings.Outcome;
import org.iommusim.scenario.language.ExploreSettings.Strategy;
import org.iommusim.scenario.language.ExploreSettings.UserCopies;

/** Reads what is explored. */
final class ExploreLoader {
    private final Vocabulary vocabulary;
    private final Collection<String> labels;

    /**
     * Makes a loader.
     *
     * @param labels that some step sets
     */
    ExploreLoader(Vocabulary vocabulary, Collection<String> labels) {
        this.vocabulary = vocabulary;
        this.labels = labels;
    }

    ExploreSettings load(Fields fields) {
        String from = fields.text("from", "");
        if (!from.isEmpty() && !labels.contains(from)) {
            throw fields.at("from")
                    .wrong("found the label \"" + from + "\", which no step sets", NearMiss.of(from, labels));
        }
        return new ExploreSettings(
                from,
                Strategy.valueOf(fields.text("strategy", "exhaustive").toUpperCase(Locale.ROOT)),
                fields.count("preemptions", ExploreSettings.UNLIMITED),
                Math.toIntExact(fields.countOr(ExploreLanguage.STUCK, "timeouts", 0)),
                UserCopies.valueOf(fields.text("user_copies", "prompt").toUpperCase(Locale.ROOT)),
                fields.number("max_schedules", Long.MAX_VALUE),
                outcomes(fields));
    }

    private List<Outcome> outcomes(Fields fields) {
        List<Outcome> outcomes = new ArrayList<>();
        Map<String, String> before = new LinkedHashMap<>();
        for (Fields each : fields.objects("outcomes")) {
            Outcome outcome = outcome(each);
            String other = before.putIfAbsent(outcome.title(), outcome.pointer());
            if (other != null) {
                throw each.place()
                        .wrong(
                                "found " + outcome.title() + " twice",
                                "expected another kernel or other patches than in " + other);
            }
            outcomes.add(outcome);
        }
        if (outcomes.isEmpty()) {
            throw fields.at("outcomes").wrong("found an empty list", "expected at least one outcome");
        }
        return outcomes;
    }

    private Outcome outcome(Fields fields) {
        String kernel = fields.word("kernel", vocabulary.policies(), "");
        return new Outcome(
                fields.place().pointer(),
                kernel,
                words(fields, "patches", "patch", vocabulary.patches()),
                words(fields, "finds", "check", vocabulary.checks()),
                words(fields, "accepted", "deviation of " + kernel, vocabulary.accepted(kernel)),
                fields.flag("strict", false));
    }

    /** A list of known words, each once. */
    static List<String> words(Fields fields, String member, String what, Collection<String> known) {
        List<String> words = new ArrayList<>();
        for (Place place : fields.words(member)) {
            String word = place.text("expected a " + what);
            if (!known.contains(word)) {
                throw place.wrong("found the unknown " + what + " \"" + word + "\"", NearMiss.of(word, known));
            }
            if (words.contains(word)) {
                throw place.wrong("found \"" + word + "\" twice", "expected every " + what + " once");
            }
            words.add(word);
        }
        return words;
    }
}
