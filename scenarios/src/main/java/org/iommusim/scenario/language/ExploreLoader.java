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
    private final Collection<String> kinds;

    /**
     * Makes a loader.
     *
     * @param labels that some step sets
     * @param kinds of the IOMMUs that there are
     */
    ExploreLoader(Vocabulary vocabulary, Collection<String> labels, Collection<String> kinds) {
        this.vocabulary = vocabulary;
        this.labels = labels;
        this.kinds = kinds;
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
                patches(fields),
                words(fields, "finds", "check", vocabulary.checks()),
                words(fields, "accepted", "deviation of " + kernel, vocabulary.accepted(kernel)),
                fields.flag("strict", false));
    }

    /** A bug of a driver that nobody uses would be found by nobody. */
    private List<String> patches(Fields fields) {
        List<String> patches = words(fields, "patches", "patch", vocabulary.patches());
        for (Place place : fields.words("patches")) {
            String patch = place.text("expected a patch");
            vocabulary.driverOf(patch).filter(kind -> !kinds.contains(kind)).ifPresent(kind -> {
                throw place.wrong(
                        "found \"" + patch + "\", a bug of the driver of " + kind,
                        "expected one of software that is there: the drivers are those of " + String.join(", ", kinds));
            });
        }
        return patches;
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
