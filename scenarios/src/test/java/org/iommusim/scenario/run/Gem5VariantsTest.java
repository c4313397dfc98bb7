package org.iommusim.scenario.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.iommusim.hw.provider.IommuProvider;
import org.iommusim.scenario.run.Gem5Replay.Setting;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Workloads that were not measured, and each parameter changed: all times and addresses are those that another program
 * computes, which was written from gem5's rules and source and agrees with every measured request. The lines are in {@code
 * variants.txt}; the README beside it says what stands in them.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class Gem5VariantsTest {
    private static final int REQUESTS = 400;
    private static final long SEED = 1002;
    /** A row of the page's table of parameters: gem5's name, and ours. */
    private static final Pattern PARAMETER = Pattern.compile("^\\| `[\\w.]+` \\| `(\\w+)` \\|");

    private final Map<String, Workload> workloads = new TreeMap<>(Map.of(
            "pages", writing(Gem5Image.pages(4096), 30),
            "nested", writing(Gem5Image.pages(4096).nested(), 30),
            "blocks", writing(Gem5Image.blocks(64), 0),
            "nested-blocks", writing(Gem5Image.blocks(64).nested(), 0),
            "split-blocks", writing(Gem5Image.blocks(8).splitByStage2(), 0),
            "linear", linear(Gem5Image.pages(256).nested()),
            "32-streams", writing(Gem5Image.pages(512).nested().streams(32), 0),
            "1024-streams", mixed(Gem5Image.pages(512).nested().streams(1024)),
            "substreams", writing(Gem5Image.pages(512).streams(4).substreams(16), 0),
            "contiguous", writing(Gem5Image.pages(512).contiguous(), 0)));

    private record Workload(Gem5Image image, byte[] records) {}

    private static Workload writing(Gem5Image image, int percent) {
        return new Workload(
                image, new Gem5Requests(image, REQUESTS, SEED).writes(percent).records());
    }

    private static Workload linear(Gem5Image image) {
        return new Workload(
                image,
                new Gem5Requests(image, REQUESTS, SEED).bytes(1024).linear().records());
    }

    private static Workload mixed(Gem5Image image) {
        return new Workload(
                image,
                new Gem5Requests(image, REQUESTS, SEED).bytes(128).writes(50).records());
    }

    static List<String> lines() throws IOException {
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(
                Objects.requireNonNull(Gem5VariantsTest.class.getResourceAsStream("/gem5/variants.txt")),
                StandardCharsets.UTF_8))) {
            return lines.lines().toList();
        }
    }

    @ParameterizedTest
    @MethodSource("lines")
    void shouldTakeTheTimesOfTheRules(String line) {
        String[] words = line.split("\\|");
        Workload workload = Objects.requireNonNull(workloads.get(words[0]));
        Setting setting = new Setting(
                Integer.parseInt(words[1]),
                Integer.parseInt(words[2]),
                Long.parseLong(words[3]),
                Long.parseLong(words[4]),
                words[5]);

        Gem5Replay run = Gem5Replay.of(Gem5Replay.scenario(workload.image, setting, workload.records));

        assertThat(run.rows.get(0)).hasSize(REQUESTS);
        assertThat(run.totalTranslation(0)).as("all translations together, ps").isEqualTo(Long.parseLong(words[7]));
        assertThat(run.checksum(0)).as("checksum of all times and addresses").isEqualTo(words[6]);
    }

    /** The page lists gem5's parameters and what they are called here. */
    @Test
    void shouldVaryEveryParameterOfGem5() throws IOException {
        Set<String> known = new TreeSet<>();
        IommuProvider.find("smmuv3").orElseThrow().parameters().forEach(p -> known.add(p.name()));
        String all = String.join("\n", lines());
        int rows = 0;
        for (String row : Files.readAllLines(Path.of("..", "docs", "replay.md"))) {
            Matcher matcher = PARAMETER.matcher(row);
            if (matcher.find()) {
                rows++;
                assertThat(known).contains(matcher.group(1));
                assertThat(all).contains("\"" + matcher.group(1) + "\"");
            }
        }
        assertThat(rows).as("parameters of gem5").isEqualTo(58);
    }
}
