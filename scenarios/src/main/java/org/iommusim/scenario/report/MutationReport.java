package org.iommusim.scenario.report;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.iommusim.hw.driver.Errno;
import org.iommusim.scenario.json.JsonOutput;
import org.iommusim.scenario.mutate.JudgedMutant;
import org.iommusim.scenario.mutate.MutantVerdict.Outcome;
import org.iommusim.scenario.mutate.MutationResult;
import org.iommusim.sim.mutate.Mutant;
import org.iommusim.sim.mutate.MutantKind;
import org.iommusim.sim.program.ListedStep;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.program.ProgramListing;

/** What a campaign of protocol mutation found out: a score, and the steps that nothing needs where they stand. */
public final class MutationReport {
    private final MutationResult result;
    private final Paint paint;
    private final StringBuilder text = new StringBuilder();

    private MutationReport(MutationResult result, Paint paint) {
        this.result = result;
        this.paint = paint;
    }

    /** The score, a line for each kind of change, and the programs with survivors. */
    public static String text(MutationResult result, Paint paint) {
        return new MutationReport(result, paint).text();
    }

    private String text() {
        text.append(paint.bold(result.policy())).append(": ").append(summary(result));
        if (!result.complete()) {
            text.append("; interrupted: ")
                    .append(result.mutants() - result.judged().size())
                    .append(" were not judged");
        }
        text.append('\n');
        for (MutantKind kind : MutantKind.values()) {
            MutationResult some = result.of(kind);
            if (!some.judged().isEmpty()) {
                text.append(String.format(Locale.ROOT, "  %-12s ", kind.words()))
                        .append(summary(some))
                        .append('\n');
            }
        }
        programs().forEach(this::program);
        return text.toString();
    }

    private static String summary(MutationResult some) {
        int killed = some.of(Outcome.KILLED).size();
        int reached = killed + some.of(Outcome.SURVIVED).size();
        int notReached = some.of(Outcome.NOT_REACHED).size();
        String score = killed + " of " + reached + " mutants killed (" + some.score() + " %)";
        if (notReached == 0) {
            return score;
        }
        return (reached == 0 ? "" : score + ", ") + notReached + " never reached";
    }

    /** For each program with mutants that were not killed, what is said of its steps. */
    private Map<Program<?>, Map<String, Set<String>>> programs() {
        Map<Program<?>, Map<String, Set<String>>> programs = new LinkedHashMap<>();
        for (JudgedMutant each : result.judged()) {
            if (each.verdict().outcome() != Outcome.KILLED) {
                programs.computeIfAbsent(each.mutant().program(), p -> new LinkedHashMap<>())
                        .computeIfAbsent(each.mutant().step(), s -> new LinkedHashSet<>())
                        .add(remark(each));
            }
        }
        return programs;
    }

    private static String remark(JudgedMutant each) {
        if (each.verdict().outcome() == Outcome.NOT_REACHED) {
            return "never reached";
        }
        Mutant mutant = each.mutant();
        String remark = switch (mutant.kind()) {
            case SWAP -> "may as well come after '" + mutant.other() + "'";
            case UNDO -> "nothing needs its undo";
            default -> "nothing needs it";
        };
        return remark + (each.verdict().exhaustive() ? "" : ", as far as was explored");
    }

    private void program(Program<?> program, Map<String, Set<String>> remarks) {
        text.append('\n').append(program.name()).append('\n');
        for (ListedStep line : ProgramListing.of(program)) {
            Set<String> remark = remarks.getOrDefault(line.name(), Set.of());
            text.append(remark.isEmpty() ? "    " : paint.bad("  > ")).append(line.brief(Errno::name));
            text.append(remark.isEmpty() ? "" : "   " + paint.accent("<- " + String.join("; ", remark)))
                    .append('\n');
        }
    }

    /** All results as one JSON document. */
    public static String json(List<MutationResult> results) {
        JsonOutput json = new JsonOutput();
        json.object(() -> json.array("policies", () -> results.forEach(each -> json.object(() -> policy(json, each)))));
        return json.text();
    }

    private static void policy(JsonOutput json, MutationResult result) {
        json.put("policy", result.policy());
        json.put("mutants", result.mutants());
        json.put("judged", result.judged().size());
        json.put("killed", result.of(Outcome.KILLED).size());
        json.put("survived", result.of(Outcome.SURVIVED).size());
        json.put("not_reached", result.of(Outcome.NOT_REACHED).size());
        json.put("score_percent", result.score());
        json.array("results", () -> result.judged().forEach(each -> json.object(() -> mutant(json, each))));
    }

    private static void mutant(JsonOutput json, JudgedMutant each) {
        json.put("mutant", each.mutant().id());
        json.put("kind", each.mutant().kind().name().toLowerCase(Locale.ROOT));
        json.put("outcome", each.verdict().outcome().name().toLowerCase(Locale.ROOT));
        if (each.verdict().outcome() == Outcome.SURVIVED) {
            json.put("exhaustive", each.verdict().exhaustive());
        }
        json.put("by", each.verdict().by().isEmpty() ? null : each.verdict().by());
        json.put(
                "detail",
                each.verdict().detail().isEmpty() ? null : each.verdict().detail());
    }
}
