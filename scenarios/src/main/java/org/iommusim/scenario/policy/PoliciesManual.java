package org.iommusim.scenario.policy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.iommusim.hw.driver.Errno;
import org.iommusim.iommufd.policy.Deviation;
import org.iommusim.iommufd.policy.LifecyclePolicy;
import org.iommusim.iommufd.policy.PolicyPath;
import org.iommusim.iommufd.policy.PolicyRule;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.program.ProgramListing;

/**
 * {@code docs/policies.md}: every kernel with its rules and its paths, step by step. A program that several kernels share,
 * or that a kernel runs on several paths, is shown where it comes first.
 */
public final class PoliciesManual {
    /**
     * Two kernels of which one came out of the other.
     *
     * @param before name of the older one
     * @param after name of the newer one
     */
    private record Pair(String before, String after) {}

    private static final List<Pair> HISTORY = List.of(
            new Pair("v5-posted", "v5-review"),
            new Pair("v5-review", "v5-review-literal"),
            new Pair("v5-review", "zombie"),
            new Pair("v5-review", "linux-6.13"),
            new Pair("linux-6.13", "rfc1-auto-destroy"),
            new Pair("linux-6.13", "xu-v2"),
            new Pair("xu-v2", "xu-v3"),
            new Pair("xu-v3", "linux-6.17"),
            new Pair("linux-6.13", "linux-6.17"),
            new Pair("linux-6.17", "linux-7.3"));

    private final Map<String, LifecyclePolicy> policies = new LinkedHashMap<>();
    private final Map<Program<?>, String> shown = new LinkedHashMap<>();
    private final StringBuilder text = new StringBuilder();

    private PoliciesManual(List<LifecyclePolicy> policies) {
        policies.forEach(policy -> this.policies.put(policy.name(), policy));
    }

    /**
     * The generated part of the file.
     *
     * @param policies all kernels, the default one first, which comes last in the file
     */
    public static String of(List<LifecyclePolicy> policies) {
        List<LifecyclePolicy> oldestFirst = new ArrayList<>(policies);
        Collections.rotate(oldestFirst, -1);
        return of(oldestFirst, HISTORY);
    }

    private static String of(List<LifecyclePolicy> policies, List<Pair> pairs) {
        PoliciesManual manual = new PoliciesManual(policies);
        manual.overview();
        policies.forEach(manual::policy);
        manual.text.append("## Differences\n");
        pairs.forEach(manual::difference);
        return manual.text.toString();
    }

    private void overview() {
        text.append("## Overview\n\n| kernel | in one sentence | known from |\n| --- | --- | --- |\n");
        for (LifecyclePolicy policy : policies.values()) {
            row("[`" + policy.name() + "`](#" + anchor(policy.name()) + ")", policy.summary(), provenance(policy));
        }
        text.append('\n');
    }

    private static String provenance(LifecyclePolicy policy) {
        return policy.provenance() + (policy.reconstructed() ? "; reconstructed" : "");
    }

    private void policy(LifecyclePolicy policy) {
        text.append("## ").append(policy.name()).append("\n\n");
        text.append("| | |\n| --- | --- |\n");
        row("in one sentence", policy.summary());
        row("known from", provenance(policy));
        for (PolicyRule rule : policy.rules()) {
            row(rule.name(), rule.value());
        }
        text.append("\nAccepted deviations:");
        text.append(policy.accepted().isEmpty() ? " none.\n" : "\n\n");
        for (Deviation deviation : policy.accepted()) {
            text.append("- `")
                    .append(deviation.id())
                    .append("`: ")
                    .append(deviation.text())
                    .append(".\n");
        }
        text.append('\n');
        policy.paths().forEach(path -> path(policy, path));
    }

    private void path(LifecyclePolicy policy, PolicyPath path) {
        String here = policy.name() + ": " + path.name();
        text.append("### ").append(here).append("\n\n");
        List<String> elsewhere = new ArrayList<>();
        for (Program<?> program : path.programs()) {
            String place = shown.putIfAbsent(program, here);
            if (place == null) {
                elsewhere(elsewhere);
                code(ProgramListing.text(program, Errno::name), "text");
            } else if (!place.equals(here)) {
                elsewhere.add("`" + program.name() + "`: see [" + place + "](#" + anchor(place) + ")");
            }
        }
        elsewhere(elsewhere);
    }

    private void elsewhere(List<String> lines) {
        lines.forEach(line -> text.append("- ").append(line).append('\n'));
        text.append(lines.isEmpty() ? "" : "\n");
        lines.clear();
    }

    private void difference(Pair pair) {
        LifecyclePolicy before = known(pair.before());
        LifecyclePolicy after = known(pair.after());
        text.append("\n### From ")
                .append(before.name())
                .append(" to ")
                .append(after.name())
                .append("\n\n");
        text.append("```diff\n").append(PolicyDiff.of(before, after)).append("```\n");
    }

    private LifecyclePolicy known(String name) {
        LifecyclePolicy policy = policies.get(name);
        if (policy == null) {
            throw new IllegalArgumentException("there is no kernel called '" + name + "'");
        }
        return policy;
    }

    private void code(String lines, String language) {
        text.append("```").append(language).append('\n').append(lines).append("```\n\n");
    }

    private void row(String... cells) {
        text.append('|');
        for (String cell : cells) {
            text.append(' ').append(cell.replace("|", "\\|")).append(" |");
        }
        text.append('\n');
    }

    /** The anchor that GitHub makes of a heading. */
    static String anchor(String heading) {
        return heading.toLowerCase(java.util.Locale.ROOT)
                .replaceAll("[^a-z0-9 -]", "")
                .replace(' ', '-');
    }
}
