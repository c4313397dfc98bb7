package org.iommusim.scenario.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConformCommandTest {
    private static final String HAND = "src/test/resources/vectors/smmuv3-hand.jsonl.gz";

    @TempDir
    private Path directory;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @Test
    void shouldEndWith0WhenAllPass() {
        assertThat(conform(HAND, "--filter", "-gbpa-")).isZero();
        assertThat(out).hasToString("3 passed, 0 failed, 0 skipped\n");
        assertThat(err.toString())
                .matches("[0-9.]+ s on the host with [0-9]+ threads: 7 operations, [0-9,]+ operations/s\n");
    }

    @Test
    void shouldEndWith1WhenOneFails() throws IOException {
        try (InputStream packed = new GZIPInputStream(Files.newInputStream(Path.of(HAND)))) {
            String text = new String(packed.readAllBytes(), StandardCharsets.UTF_8);
            Files.writeString(directory.resolve("v.jsonl"), text.replace("\"pa\":\"0x80000010\"", "\"pa\":\"0x1\""));
        }
        String wrong = directory.resolve("v.jsonl").toString();
        assertThat(conform(wrong, "--filter", "-cmd-496|-inv-389")).isEqualTo(1);
        assertThat(out.toString())
                .startsWith("failed smmuv3-hand-inv-389: step 0 dma: pa: expected 0x1, actual 0x80000010")
                .endsWith("1 passed, 1 failed, 0 skipped\n")
                .hasLineCount(2);
    }

    @Test
    void shouldEndWith0WhenOnlyKnownQuirksDiffer() {
        assertThat(conform(HAND, "--filter", "-cmd-49[56]")).isZero();
        assertThat(out.toString())
                .startsWith(
                        "quirk: differs smmuv3-hand-cmd-495: step 0 cmd: cons: expected 0x4, actual 0x1000003 (CMD_SYNC.CS")
                .endsWith("2 passed, 0 failed, 0 skipped\n");
    }

    @Test
    void shouldEndWith2OnBadInput() throws IOException {
        Path bad = Files.writeString(directory.resolve("bad.jsonl"), "{\"id\":\"a\",\"iommu\":\"riscv\"}\n");
        assertThat(conform(HAND, bad.toString())).isEqualTo(2);
        assertThat(out.toString()).isEmpty();
        assertThat(err)
                .hasToString(bad + ": line 1: /iommu: found the unknown IOMMU \"riscv\","
                        + " expected one of [amdvi, smmuv3, vtd]\n");
        assertThat(conform("nowhere.jsonl")).isEqualTo(2);
        assertThat(conform(HAND, "--filter", "(")).isEqualTo(2);
        assertThat(conform()).isEqualTo(2);
    }

    @Test
    void shouldWriteAReport() throws IOException {
        Path report = directory.resolve("report.json");
        assertThat(conform(HAND, "--filter", "-gbpa-", "--report", report.toString()))
                .isZero();
        assertThat(report)
                .content()
                .startsWith("{\n  \"passed\": 3,\n  \"failed\": 0,\n")
                .contains("\"files\": [");
        assertThat(conform(HAND, "--report", directory.resolve("no/such/place").toString()))
                .isEqualTo(2);
    }

    private int conform(String... arguments) {
        String[] words = new String[arguments.length + 1];
        words[0] = "conform";
        System.arraycopy(arguments, 0, words, 1, arguments.length);
        return Main.run(words, new Console(new PrintWriter(out), new PrintWriter(err), false, false));
    }
}
