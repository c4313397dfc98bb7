package org.iommusim.scenario.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.iommusim.scenario.check.CheckVerdict;
import org.iommusim.scenario.check.CheckVerdict.Status;

/** The verdicts of a suite as JUnit's XML: a test suite for each scenario, a test case for each of its cases. */
public final class JUnitReport {
    private final StringBuilder out = new StringBuilder();

    private JUnitReport() {}

    /** The document; the same bytes for the same verdicts, so it tells no times. */
    public static String of(List<CheckVerdict> verdicts) {
        Map<String, List<CheckVerdict>> suites = new LinkedHashMap<>();
        verdicts.forEach(v -> suites.computeIfAbsent(v.of().scenario(), key -> new ArrayList<>())
                .add(v));
        JUnitReport report = new JUnitReport();
        report.out
                .append("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites")
                .append(counts(verdicts));
        report.out.append(">\n");
        suites.forEach(report::suite);
        return report.out.append("</testsuites>\n").toString();
    }

    private static String counts(List<CheckVerdict> verdicts) {
        return " tests=\"" + verdicts.size() + "\" failures=\"" + count(verdicts, Status.FAILED) + "\" errors=\"0\""
                + " skipped=\"" + count(verdicts, Status.SKIPPED) + "\"";
    }

    private static long count(List<CheckVerdict> verdicts, Status status) {
        return verdicts.stream().filter(verdict -> verdict.status() == status).count();
    }

    private void suite(String scenario, List<CheckVerdict> verdicts) {
        out.append("  <testsuite name=\"").append(escaped(scenario)).append('"');
        out.append(counts(verdicts)).append(">\n");
        verdicts.forEach(verdict -> testCase(scenario, verdict));
        out.append("  </testsuite>\n");
    }

    private void testCase(String scenario, CheckVerdict verdict) {
        out.append("    <testcase classname=\"").append(escaped(scenario));
        out.append("\" name=\"").append(escaped(verdict.of().title())).append('"');
        switch (verdict.status()) {
            case PASSED -> out.append("/>\n");
            case FAILED -> inside("failure", verdict);
            case SKIPPED -> inside("skipped", verdict);
        }
    }

    private void inside(String element, CheckVerdict verdict) {
        out.append(">\n      <").append(element).append(" message=\"");
        out.append(escaped(verdict.message())).append("\"/>\n    </testcase>\n");
    }

    /** Text for an attribute; what XML cannot hold becomes a question mark. */
    private static String escaped(String text) {
        StringBuilder safe = new StringBuilder();
        for (char c : text.toCharArray()) {
            switch (c) {
                case '&' -> safe.append("&amp;");
                case '<' -> safe.append("&lt;");
                case '>' -> safe.append("&gt;");
                case '"' -> safe.append("&quot;");
                default -> safe.append(c < ' ' ? '?' : c);
            }
        }
        return safe.toString();
    }
}
