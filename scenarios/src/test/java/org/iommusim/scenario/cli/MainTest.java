package org.iommusim.scenario.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The command line as a user meets it: exit status, standard output, standard error. */
class MainTest {
    private static final List<String> COMMANDS =
            List.of("run", "validate", "list", "report", "explore", "replay", "check", "conform", "sweep");

    @TempDir
    private Path temporary;

    private record Result(int status, String out, String err) {}

    private static Result run(String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int status = Main.run(arguments, new Console(new PrintWriter(out), new PrintWriter(err), false, false));
        return new Result(status, out.toString(), err.toString());
    }

    @Test
    void shouldShowItsVersion() {
        assertThat(run("--version").out()).startsWith("iommusim ");
        assertThat(run("--version").status()).isZero();
    }

    @Test
    void shouldHelpWithEveryCommand() {
        assertThat(run("--help").out()).contains(COMMANDS);
        for (String command : COMMANDS) {
            Result help = run(command, "--help");
            assertThat(help.status()).as(command).isZero();
            assertThat(help.out()).startsWith("Usage: iommusim " + command);
            assertThat(help.err()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "lst",
                "list nothing",
                "list policies --diff linux-7.3",
                "list policies --diff linux-7.3 linux-1",
                "list presets --diff linux-6.17 linux-7.3",
                "run",
                "run a b",
                "run forgotten-vdevice --kernel linux-1",
                "run forgotten-vdevice --requests",
                "run a --format xml",
                "run a --sed 1",
                "run a --seed x",
                "validate"
            })
    void shouldRefuseABadCommandLineInOneLine(String line) {
        Result result = run(line.isEmpty() ? new String[0] : line.split(" "));
        assertThat(result.status()).isEqualTo(2);
        assertThat(result.out()).isEmpty();
        assertThat(result.err()).hasLineCount(1).startsWith("iommusim: ").contains("--help");
    }

    @Test
    void shouldRefuseAMissingFileInOneLine() {
        Result result = run("run", "no-such-scenario");
        assertThat(result.status()).isEqualTo(2);
        assertThat(result.err())
                .hasLineCount(1)
                .startsWith(
                        "no-such-scenario: /: found no such file, expected a scenario's file, or one of the bundled:");
        assertThat(run("validate", temporary.toString()).err()).contains(": /: found a directory, expected ");
    }

    @Test
    void shouldRefuseBrokenJsonInOneLine() throws IOException {
        Path file = temporary.resolve("broken.json");
        Files.writeString(file, "{\n  \"name\": oops\n}\n");
        for (String command : List.of("run", "validate")) {
            Result result = run(command, file.toString());
            assertThat(result.status()).isEqualTo(2);
            assertThat(result.out()).isEmpty();
            assertThat(result.err())
                    .isEqualTo(file
                            + ": line 2, column 11: found broken JSON (unrecognized token 'oops'), expected JSON\n");
        }
    }

    @Test
    void shouldSweepAGrid() throws IOException {
        Path csv = temporary.resolve("sweep.csv");
        String count = "/topology/traffic/0/count=100,200";
        Result one = run("sweep", "dma-under-load", "--set", count, "--set", "/seed=1,2", "--out", csv.toString());
        String rows = Files.readString(csv);
        assertThat(one.status()).isEqualTo(1); // the scenario expects 100,000 requests
        assertThat(one.out().lines().skip(1)).hasSize(8).allMatch(line -> line.contains("1 failed: "));
        assertThat(rows).startsWith("/topology/traffic/0/count,/seed,passed,end_ps,digest,traffic,class,count,");
        Result two = run(
                "sweep",
                "dma-under-load",
                "--set",
                count,
                "--set",
                "/seed=1,2",
                "--out",
                csv.toString(),
                "--jobs",
                "1");
        assertThat(two.out()).isEqualTo(one.out());
        assertThat(Files.readString(csv)).isEqualTo(rows);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "window=1MiB",
                "/topology/traffic/0/window",
                "/topology/traffic/0/window=",
                "/topology/traffic/9/window=1MiB",
                "/topology/trafic/0/window=1MiB",
                "/topology/traffic/0/windo=1MiB",
                "/topology/traffic/0/window=much",
                "/name/x=1"
            })
    void shouldRefuseAnImpossibleGridInOneLine(String setting) {
        Result result = run("sweep", "dma-under-load", "--set", setting);
        assertThat(result.status()).isEqualTo(2);
        assertThat(result.out()).isEmpty();
        assertThat(result.err()).hasLineCount(1).contains("found ").containsAnyOf("xpected ", "did you mean ");
    }

    @Test
    void shouldTellOfItsOwnErrorsInOneLine() {
        StringWriter err = new StringWriter();
        Commands commands = new Commands(new Console(new PrintWriter(err), new PrintWriter(err), false, false));
        assertThat(commands.failed(new IllegalStateException("first\n  second"), false))
                .isEqualTo(70);
        assertThat(err)
                .hasToString("iommusim: internal error: IllegalStateException: first second (--debug shows where)\n");
        assertThat(commands.failed(new IllegalStateException("x"), true)).isEqualTo(70);
        assertThat(err.toString()).contains("at org.iommusim.scenario.cli.MainTest");
    }

    @Test
    void shouldCompareTwoKernels() {
        assertThat(run("list", "policies", "--diff", "linux-6.17", "linux-7.3").out())
                .startsWith("--- linux-6.17\n+++ linux-7.3\n")
                .contains("+   step   iommufd_object_try_inc_users");
    }

    @Test
    void shouldListWhatIsBundled() {
        assertThat(run("list").out()).contains("scenarios:", "policies:", "presets:", "checks:", "patches:");
        assertThat(run("list", "patches").out()).contains("eventq-release-reads-queue-last A08: ");
        assertThat(run("list", "policies").out()).startsWith("linux-7.3 ");
        assertThat(run("list", "presets").out()).contains("smmuv3/mmu-600 ");
    }

    @Test
    void shouldRefuseAGuestOfAnIommuWithoutAGuestDriver() throws IOException {
        Path file = temporary.resolve("guest.json");
        Files.writeString(file, """
                {"name": "x", "description": "A guest on the mock IOMMU.",
                 "topology": {"iommus": [{"id": "m", "kind": "mock"}],
                              "root_ports": [{"id": "rp", "iommu": "m"}],
                              "devices": [{"id": "d", "port": "rp", "bdf": "01:00.0"}]},
                 "actors": [{"id": "vmm", "kind": "vmm", "script": [{"do": "open_iommufd", "as": "f"}]},
                            {"id": "g", "kind": "guest", "vmm": "vmm",
                             "script": [{"do": "bind_driver", "virt_id": 1}]}]}
                """);
        Result result = run("run", file.toString());
        assertThat(result.status()).isEqualTo(2);
        assertThat(result.err()).hasLineCount(1).contains("this kind of IOMMU has no guest driver");
    }

    @Test
    void shouldRefuseADirectoryWithoutARun() {
        Result result = run("report", temporary.toString());
        assertThat(result.status()).isEqualTo(2);
        assertThat(result.err()).hasLineCount(1).contains("found no summary.json");
    }
}
