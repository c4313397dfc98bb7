package org.iommusim.scenario.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The part of the text report that compares traffic behind several IOMMUs. */
class SideBySideTest {
    private static final String TITLE = "Side by side: where the time of an average request goes (ns)";

    private static String report(String scenario) {
        StringWriter out = new StringWriter();
        Console console = new Console(new PrintWriter(out), new PrintWriter(new StringWriter()), false, false);
        assertThat(Main.run(new String[] {"run", scenario}, console)).isZero();
        return out.toString();
    }

    @Test
    void shouldCompareTrafficBehindSeveralIommus() {
        String report = report("three-vendors");
        List<String> table = report.substring(report.indexOf(TITLE)).lines().toList();
        assertThat(table.get(1)).containsSubsequence("station", "smmuv3", "vtd", "amdvi");
        assertThat(table.get(2)).containsSubsequence("IOMMU", "smmu0 smmuv3", "dmar0 vtd", "iommu0 amdvi");
        String microTlb = line(table, "micro-tlb");
        assertThat(microTlb.trim().split(" +")).hasSize(4).endsWith("-", "-"); // only Arm's has one
        assertThat(line(table, "latency").trim().split(" +")).hasSize(4).doesNotContain("-");
    }

    private static String line(List<String> table, String station) {
        return table.stream()
                .filter(line -> line.trim().startsWith(station))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void shouldCompareNothingBehindOneIommu() {
        assertThat(report("stale-until-sync")).doesNotContain(TITLE);
    }
}
