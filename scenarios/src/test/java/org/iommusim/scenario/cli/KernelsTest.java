package org.iommusim.scenario.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.iommusim.iommufd.kernels.Kernels;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Scenarios on the kernels that they were not written for. */
class KernelsTest {
    private final StringWriter out = new StringWriter();

    private int run(String... arguments) {
        return Main.run(
                arguments, new Console(new PrintWriter(out), new PrintWriter(new StringWriter()), false, false));
    }

    /** The recommended order is fine everywhere but where every object warns, or where the kernel holds the vDEVICE. */
    @ParameterizedTest
    @CsvSource({
        "linux-7.3, 0",
        "linux-6.17, 0",
        "linux-6.13, 0",
        "v5-posted, 0",
        "v5-review, 0",
        "v5-review-literal, 1",
        "rfc1-auto-destroy, 1",
        "xu-v2, 0",
        "xu-v3, 0",
        "zombie, 0"
    })
    void shouldRunTheRecommendedOrder(String kernel, int status) {
        assertThat(run("run", "orderly-unplug-replug", "--kernel", kernel)).isEqualTo(status);
    }

    @Test
    void shouldListEachKernelWithItsConfidenceAndItsDeviations() {
        assertThat(run("list", "policies")).isZero();

        List<String> lines = out.toString().lines().toList();
        assertThat(lines).hasSameSizeAs(Kernels.all());
        assertThat(lines.stream().filter(line -> line.contains("(reconstructed)")))
                .extracting(line -> line.substring(0, line.indexOf(' ')))
                .containsExactlyInAnyOrder("rfc1-auto-destroy", "xu-v2", "xu-v3", "zombie");
        assertThat(lines).anyMatch(line -> line.startsWith("xu-v2 ") && line.endsWith("; accepts D1, D2, E11"));
    }

    @Test
    void shouldTellAcceptedDeviationsAndCountThemOnRequest() {
        assertThat(run("run", "forgotten-vdevice")).isZero();
        assertThat(out.toString()).contains("  accepted D1: forced-destroy at ");
        assertThat(run("run", "forgotten-vdevice", "--strict")).isEqualTo(1);
        assertThat(out.toString()).contains("  violation forced-destroy at ");
    }
}
