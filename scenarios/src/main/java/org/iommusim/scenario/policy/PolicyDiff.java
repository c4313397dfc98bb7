package org.iommusim.scenario.policy;

import java.util.ArrayList;
import java.util.List;
import org.iommusim.hw.driver.Errno;
import org.iommusim.iommufd.policy.LifecyclePolicy;
import org.iommusim.iommufd.policy.PolicyPath;
import org.iommusim.sim.program.ListedStep;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.program.ProgramListing;

/** What differs between two kernels: their rules, what they are accepted to do wrong, and path by path their steps. */
public final class PolicyDiff {
    private static final int CONTEXT = 1;

    private final LifecyclePolicy before;
    private final LifecyclePolicy after;
    private final StringBuilder text = new StringBuilder();

    private PolicyDiff(LifecyclePolicy before, LifecyclePolicy after) {
        this.before = before;
        this.after = after;
    }

    /** The difference as text: {@code -} is in the first kernel only, {@code +} in the second only. */
    public static String of(LifecyclePolicy before, LifecyclePolicy after) {
        return new PolicyDiff(before, after).text();
    }

    private String text() {
        text.append("--- ")
                .append(before.name())
                .append("\n+++ ")
                .append(after.name())
                .append('\n');
        int nothing = text.length();
        section("rules", rules(before), rules(after), 0);
        section("accepted", accepted(before), accepted(after), 0);
        for (PolicyPath path : before.paths()) {
            section(path.name(), steps(path), steps(after, path.name()), CONTEXT);
        }
        if (text.length() == nothing) {
            text.append("no difference\n");
        }
        return text.toString();
    }

    private void section(String title, List<String> first, List<String> second, int context) {
        List<String> lines = LineDiff.of(first, second, context);
        if (!lines.isEmpty()) {
            text.append("@@ ").append(title).append('\n');
            lines.stream()
                    .filter(line -> context != 0 || !line.equals("  ..."))
                    .forEach(line -> text.append(line).append('\n'));
        }
    }

    private static List<String> rules(LifecyclePolicy policy) {
        return policy.rules().stream()
                .map(rule -> rule.name() + ": " + rule.value())
                .toList();
    }

    private static List<String> accepted(LifecyclePolicy policy) {
        return policy.accepted().stream()
                .map(deviation -> deviation.id() + ": " + deviation.text())
                .toList();
    }

    private static List<String> steps(LifecyclePolicy policy, String path) {
        return policy.paths().stream()
                .filter(each -> each.name().equals(path))
                .findFirst()
                .map(PolicyDiff::steps)
                .orElse(List.of());
    }

    private static List<String> steps(PolicyPath path) {
        List<String> lines = new ArrayList<>();
        for (Program<?> program : path.programs()) {
            lines.add(program.name());
            for (ListedStep step : ProgramListing.of(program)) {
                lines.add("  " + step.brief(Errno::name));
            }
        }
        return lines;
    }
}
