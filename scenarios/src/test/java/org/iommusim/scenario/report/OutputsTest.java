package org.iommusim.scenario.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.iommusim.scenario.Golden;
import org.iommusim.scenario.json.JsonReader;
import org.iommusim.scenario.run.RunResult;
import org.iommusim.scenario.run.SyntheticRun;
import org.junit.jupiter.api.Test;

/** What outputs look like, for a result that no model can change. */
class OutputsTest {
    private final RunResult result = SyntheticRun.failing();

    @Test
    void shouldWriteText() {
        Golden.check("run.txt", TextReport.of(result, Paint.PLAIN));
    }

    @Test
    void shouldEndTextWithTheDigest() {
        assertThat(TextReport.of(result, Paint.PLAIN)).endsWith("\ndigest sha256:" + result.digest() + "\n");
    }

    @Test
    void shouldOnlyAddColoursToText() {
        String coloured = TextReport.of(result, Paint.ANSI);
        assertThat(coloured).contains("\u001b[");
        assertThat(coloured.replaceAll("\u001b\\[[0-9;]*m", "")).isEqualTo(TextReport.of(result, Paint.PLAIN));
    }

    @Test
    void shouldWriteJsonThatCanBeRead() throws Exception {
        String summary = SummaryJson.of(result);
        JsonReader.read(summary.getBytes(StandardCharsets.UTF_8));
        Golden.check("summary.json", summary);
    }

    @Test
    void shouldWriteLatencies() {
        Golden.check("latency.csv", LatencyFiles.csv(result));
        assertThat(LatencyFiles.hgrm(result.total())).contains("#[Mean", "Total count    =         2490");
    }

    @Test
    void shouldWriteOneRowForEachRequest() {
        StringWriter csv = new StringWriter();
        SyntheticRun.failing(new RequestsCsv(csv, SyntheticRun.scenario()));
        List<String> rows = csv.toString().lines().toList();
        assertThat(rows).hasSize(1 + 2500);
        Golden.check("requests-head.csv", String.join("\n", rows.subList(0, 12)) + "\n");
        for (String row : rows.subList(1, rows.size())) {
            String[] cells = row.split(",", -1);
            long latency = Long.parseLong(cells[11]) - Long.parseLong(cells[7]);
            long sum = 0;
            for (int i = 14; i < cells.length; i++) {
                sum += Long.parseLong(cells[i]);
            }
            assertThat(sum).as(row).isEqualTo(latency);
        }
    }

    @Test
    void shouldBeTheSameEveryTime() {
        assertThat(SyntheticRun.failing().digest()).isEqualTo(result.digest());
        assertThat(SummaryJson.of(SyntheticRun.failing())).isEqualTo(SummaryJson.of(result));
    }
}
