package org.iommusim.scenario.language;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.iommusim.scenario.language.Expectation.Range;

/** Reads what must hold at the end. */
final class ExpectationLoader {
    private static final String COMMENT = "comment";

    private final Collection<String> traffics;
    private final References references;

    ExpectationLoader(Collection<String> traffics, Map<String, Set<String>> names) {
        this.traffics = traffics;
        references = new References(names);
    }

    List<Expectation> load(List<Fields> list) {
        List<Expectation> expectations = new ArrayList<>();
        list.forEach(fields -> expectations.add(one(fields)));
        return expectations;
    }

    private Expectation one(Fields fields) {
        List<String> kinds = Language.EXPECTATION.names().stream()
                .filter(name -> !name.equals(COMMENT))
                .toList();
        List<String> there = kinds.stream().filter(fields::has).toList();
        if (there.size() != 1) {
            throw fields.place()
                    .wrong(
                            there.isEmpty()
                                    ? "found no expectation"
                                    : "found " + there.size() + " expectations in one object",
                            NearMiss.expected(kinds));
        }
        String pointer = fields.place().pointer();
        String comment = fields.text(COMMENT, "");
        String kind = there.get(0);
        if (kind.equals("violations")) {
            return new Expectation.Violations(pointer, comment, fields.number(kind, 0));
        }
        if (kind.equals("stuck")) {
            return new Expectation.Stuck(pointer, comment, fields.number(kind, 0));
        }
        Fields inner = fields.object(kind).orElseThrow();
        return switch (kind) {
            case "dma" ->
                new Expectation.Dma(
                        pointer,
                        comment,
                        traffic(inner),
                        inner.text("outcome", ""),
                        found(inner),
                        range(inner, "count"));
            case "latency" ->
                new Expectation.Latency(
                        pointer,
                        comment,
                        traffic(inner),
                        inner.text("of", "request"),
                        inner.text("percentile", ""),
                        range(inner, ""));
            case "object" -> object(pointer, comment, inner);
            default -> new Expectation.Counter(pointer, comment, inner.text("name", ""), range(inner, "equals"));
        };
    }

    private Expectation object(String pointer, String comment, Fields inner) {
        String state = inner.text("state", "");
        if (inner.has("id") && inner.has("count")) {
            throw inner.at("count").wrong("found both \"id\" and \"count\"", "expected one of them");
        }
        if (inner.has("count") && state.equals("absent")) {
            throw inner.at("count")
                    .wrong("found \"count\" with \"absent\"", "expected \"state\": \"live\" for a count");
        }
        Range range = new Range(1, Long.MAX_VALUE);
        if (inner.has("count")) {
            long count = inner.number("count", 0);
            range = new Range(count, count);
        } else if (state.equals("absent")) {
            range = new Range(0, 0);
        }
        String id = inner.has("id") ? references.read("", inner, "id", Set.of()).toString() : "";
        return new Expectation.Objects(
                pointer, comment, inner.text("context", ""), inner.text("type", ""), id, state, range);
    }

    private static String found(Fields inner) {
        if (inner.has("found") && inner.has("outcome")) {
            throw inner.at("found").wrong("found both \"found\" and \"outcome\"", "expected one of them");
        }
        return inner.text("found", "");
    }

    private String traffic(Fields inner) {
        return inner.word("traffic", traffics, "");
    }

    private static Range range(Fields inner, String exactly) {
        boolean exact = !exactly.isEmpty() && inner.has(exactly);
        boolean limits = inner.has("min") || inner.has("max");
        String names = exactly.isEmpty() ? "\"min\" or \"max\"" : "\"" + exactly + "\", \"min\" or \"max\"";
        if (exact == limits) {
            throw inner.place()
                    .wrong(exact ? "found \"" + exactly + "\" and limits" : "found no number", "expected " + names);
        }
        if (exact) {
            long number = inner.number(exactly, 0);
            return new Range(number, number);
        }
        Range range = new Range(inner.number("min", 0), inner.number("max", Long.MAX_VALUE));
        if (range.min() > range.max()) {
            throw inner.at("min").wrong("expected no more than \"max\"");
        }
        return range;
    }
}
