package org.iommusim.scenario.language;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.iommusim.scenario.Golden;
import org.junit.jupiter.api.Test;

/**
 * Everything that can be wrong with a scenario, and the one line that says so. Each case changes a good scenario in one
 * place; the lines are in {@code golden/bad-input.txt}.
 */
public class BadInputTest {
    /** A scenario in which all is well. */
    public static final String GOOD = """
            {
              "name": "good",
              "description": "All is well.",
              "seed": 1,
              "topology": {
                "memory": {"size": "1GiB", "latency": "100ns", "bandwidth": "25GB/s"},
                "iommus": [{"id": "smmu0", "kind": "smmuv3", "preset": "mmu-600", "parameters": {"tlb_entries": 32}}],
                "root_ports": [{"id": "rp0", "iommu": "smmu0", "link": {"latency": "150ns"}}],
                "devices": [{"id": "nic", "port": "rp0", "bdf": "03:00.0"}],
                "traffic": [{"id": "rx", "device": "nic", "window": "1MiB", "outstanding": 16}]
              },
              "actors": [
                {"id": "vmm", "kind": "vmm", "script": [
                  {"do": "open", "device": "nic", "as": "fd", "label": "opened"},
                  {"do": "map", "fd": "$fd", "iova": "0x1000", "errno": "OK"}
                ]},
                {"id": "guest", "kind": "guest", "vmm": "vmm", "script": [
                  {"do": "start", "traffic": "rx", "after": ["opened"]}
                ]}
              ],
              "expect": [{"dma": {"traffic": "rx", "outcome": "OK", "count": 5}}]
            }
            """;

    private final List<String> lines = new ArrayList<>();

    @Test
    void shouldAcceptTheGoodScenario() {
        assertThatCode(() -> load(GOOD)).doesNotThrowAnyException();
    }

    @Test
    void shouldSayInOneLineWhatIsWrong() {
        text("");
        text("{");
        text("[1, 2]");
        text("{\"name\": nope}");
        text("{\"name\": NaN}");
        text("{\"name\": \"a\" \"b\"}");
        text("{\"name\": \"a\\q\"}");
        text("{} {}");
        text("{\"name\": \"a\", \"name\": \"b\"}");
        text("[".repeat(1000));
        text("[".repeat(65) + "]".repeat(65));
        text("\u0000\u0001");
        text("{\"name\": \"x\n\"}");

        change("\"name\": \"good\",", "");
        change("\"seed\": 1", "\"sed\": 1");
        change("\"seed\": 1", "\"something_else\": 1");
        change("\"seed\": 1", "\"seed\": -1");
        change("\"seed\": 1", "\"seed\": 1.5");
        change("\"seed\": 1", "\"seed\": 123456789012345678901234567890");
        change("\"seed\": 1", "\"kernel\": \"linux-7.2\"");
        change("\"seed\": 1", "\"kernel\": 7");
        change("\"seed\": 1", "\"ties\": \"random\"");
        change("\"good\"", "\"Not Good\"");
        change("\"good\"", "null");

        change("\"1GiB\"", "1073741824");
        change("\"1GiB\"", "\"1GB\"");
        change("\"1GiB\"", "\"1152921504606846976B\"");
        change("\"1GiB\"", "\"1048576TiB\"");
        change("\"1GiB\"", "\"-1GiB\"");
        change("\"1GiB\"", "\"0GiB\"");
        change("\"1GiB\"", "\"3MiB\"");
        change("\"100ns\"", "\"100\"");
        change("\"100ns\"", "\"100 parsec\"");
        change("\"100ns\"", "\"0.0001ns\"");
        change("\"100ns\"", "\"2s\"");
        change("\"25GB/s\"", "\"0GB/s\"");
        change("\"25GB/s\"", "\"25GiB\"");
        change("\"25GB/s\"", "\"25GB/s\", \"outstanding\": 1000000000");
        change("\"25GB/s\"", "\"25GB/s\", \"outstanding\": 0");
        change("\"25GB/s\"", "\"25GB/s\", \"llc_size\": \"3MiB\", \"llc_ways\": 5");
        change("\"25GB/s\"", "\"25GB/s\", \"llc_hit\": \"3ns\"");

        change("\"kind\": \"smmuv3\"", "\"kind\": \"vtd\"");
        change("\"kind\": \"smmuv3\"", "\"kind\": \"smmu3\"");
        change("\"mmu-600\"", "\"mmu-60\"");
        change("\"tlb_entries\": 32", "\"tlb_entry\": 32");
        change("\"tlb_entries\": 32", "\"tlb_entries\": 0");
        change("\"tlb_entries\": 32", "\"tlb_entries\": \"many\"");
        change("\"tlb_entries\": 32", "\"clock\": 1000");
        change("\"tlb_entries\": 32", "\"ordered\": 2");
        change("\"parameters\": {\"tlb_entries\": 32}", "\"parameters\": []");
        change("\"iommu\": \"smmu0\", ", "");
        change("\"iommu\": \"smmu0\"", "\"iommu\": \"smmu1\"");
        String devices = "\"devices\": [";
        change(devices, "\"switch_ports\": [{\"id\": \"sw0\", \"upstream\": \"sw0\"}], " + devices);
        change(
                devices,
                "\"switch_ports\": [{\"id\": \"sw0\", \"upstream\": \"sw1\"}, {\"id\": \"sw1\", \"upstream\": \"sw0\"}], "
                        + devices);
        change(devices, "\"switch_ports\": [{\"id\": \"sw0\", \"upstream\": \"rp9\"}], " + devices);
        change(devices, "\"switch_ports\": [{\"id\": \"rp0\", \"upstream\": \"rp0\"}], " + devices);
        change("\"port\": \"rp0\"", "\"port\": \"root\"");
        change(
                "\"bdf\": \"03:00.0\"}",
                "\"bdf\": \"03:00.0\"}, {\"id\": \"nic\", \"port\": \"rp0\", \"bdf\": \"04:00.0\"}");
        change(
                "\"bdf\": \"03:00.0\"}",
                "\"bdf\": \"03:00.0\"}, {\"id\": \"b\", \"port\": \"rp0\", \"bdf\": \"03:00.0\"}");
        change("\"bdf\": \"03:00.0\"", "\"bdf\": \"03:20.0\"");
        change("\"bdf\": \"03:00.0\"", "\"bdf\": 3");
        change("\"id\": \"nic\", \"port\"", "\"id\": \"NIC\", \"port\"");
        change("\"devices\": [", "\"devices\": {\"a\": [");
        change("\"device\": \"nic\", \"window\"", "\"device\": \"disk\", \"window\"");
        change("\"outstanding\": 16", "\"outstanding\": 16, \"interval\": \"1us\"");
        change(", \"outstanding\": 16", "");
        change("\"outstanding\": 16", "\"outstanding\": 16, \"poisson\": true");
        change("\"outstanding\": 16", "\"outstanding\": 16, \"pattern\": \"strided\"");
        change("\"outstanding\": 16", "\"outstanding\": 16, \"stride\": \"64B\"");
        change("\"outstanding\": 16", "\"outstanding\": 16, \"write_percent\": 101");
        change("\"outstanding\": 16", "\"outstanding\": 16, \"window_base\": \"0xfffffffffffff000\"");
        change("\"outstanding\": 16", "\"outstanding\": 16, \"bytes\": \"2MiB\"");
        change("\"outstanding\": 16", "\"outstanding\": 16, \"pasid\": \"0x100000\"");
        change("\"window\": \"1MiB\"", "\"window\": \"32B\"");

        change("\"kind\": \"guest\"", "\"kind\": \"ghost\"");
        change("\"kind\": \"guest\", \"vmm\": \"vmm\"", "\"kind\": \"guest\"");
        change("\"vmm\": \"vmm\"", "\"vmm\": \"qemu\"");
        change("\"kind\": \"vmm\",", "\"kind\": \"vmm\", \"vmm\": \"vmm\",");
        change("\"kind\": \"vmm\",", "\"kind\": \"thread\",");
        change("\"kind\": \"guest\", \"vmm\": \"vmm\"", "\"kind\": \"thread\", \"vmm\": \"guest\"");
        change("\"kind\": \"guest\", \"vmm\": \"vmm\"", "\"kind\": \"thread\", \"vmm\": \"vmm\"");
        String actors = "\"actors\": [";
        String thread = actors + "{\"id\": \"t2\", \"kind\": \"thread\", \"vmm\": \"vmm\", \"script\": [";
        change(actors, thread + "{\"do\": \"map\", \"fd\": \"$df\"}]},");
        change(actors, thread + "{\"do\": \"map\", \"fd\": \"$vm.fd\"}]},");
        change("\"vmm\": \"vmm\"", "\"vmm\": \"vmm\", \"iommu\": \"smmu9\"");
        change("\"id\": \"guest\"", "\"id\": \"vmm\"");
        change("{\"do\": \"open\", \"device\": \"nic\", \"as\": \"fd\", \"label\": \"opened\"}", "\"open\"");
        change("\"do\": \"open\"", "\"do\": \"opne\"");
        change("\"do\": \"open\"", "\"do\": \"start\"");
        change("\"do\": \"open\", ", "");
        change("\"device\": \"nic\", \"as\"", "\"device\": \"nic0\", \"as\"");
        change("\"device\": \"nic\", \"as\"", "\"devise\": \"nic\", \"as\"");
        change("\"device\": \"nic\", \"as\"", "\"as\"");
        change("\"as\": \"fd\"", "\"as\": \"the file\"");
        change("\"fd\": \"$fd\"", "\"fd\": \"$df\"");
        change("\"fd\": \"$fd\"", "\"fd\": \"$host.fd\"");
        change("\"fd\": \"$fd\"", "\"fd\": \"$guest.fd\"");
        change("\"fd\": \"$fd\"", "\"fd\": \"fd\"");
        change("\"fd\": \"$fd\"", "\"fd\": true");
        change("\"iova\": \"0x1000\"", "\"iova\": \"0x10000000000000000\"");
        change("\"iova\": \"0x1000\"", "\"iova\": -4096");
        change("\"iova\": \"0x1000\"", "\"huge\": 1");
        change("\"iova\": \"0x1000\"", "\"mode\": \"execute\"");
        change("\"iova\": \"0x1000\"", "\"flags\": [\"a\", \"c\"]");
        change("\"errno\": \"OK\"", "\"errno\": \"ENOTHING\"");
        change("\"errno\": \"OK\"", "\"errno\": -2");
        change("\"errno\": \"OK\"", "\"errno\": [\"OK\", \"EBUZY\"]");
        change("\"errno\": \"OK\"", "\"errno\": [\"0\", \"OK\"]");
        change("\"errno\": \"OK\"", "\"errno\": [\"OK\", \"any\"]");
        change("\"errno\": \"OK\"", "\"errno\": []");
        change("\"errno\": \"OK\"", "\"errno\": [\"OK\", -16]");
        change("\"errno\": \"OK\"", "\"at\": 5");
        change("\"errno\": \"OK\"", "\"after\": [\"nobody_sets_it\"]");
        change("\"errno\": \"OK\"", "\"after\": \"opend\"");
        change(
                "\"label\": \"opened\"",
                "\"after\": [\"later\"], \"label\": \"opened\"",
                "\"errno\": \"OK\"",
                "\"label\": \"later\"");
        change("\"errno\": \"OK\"", "\"label\": \"opened\"");
        change(
                "\"as\": \"fd\",",
                "\"as\": \"fd\", \"after\": [\"began\"],",
                "\"after\": [\"opened\"]",
                "\"after\": [\"opened\"], \"label\": \"began\"");
        change("\"traffic\": \"rx\", \"after\"", "\"traffic\": \"tx\", \"after\"");

        change("\"dma\": {\"traffic\": \"rx\"", "\"dma\": {\"traffic\": \"tx\"");
        change("\"outcome\": \"OK\"", "\"outcome\": \"FINE\"");
        change(", \"count\": 5", "");
        change("\"count\": 5", "\"count\": 5, \"min\": 1");
        change("\"count\": 5", "\"min\": 9, \"max\": 1");
        change("\"dma\": {\"traffic\": \"rx\", \"outcome\": \"OK\", \"count\": 5}", "\"stuck\": \"none\"");
        change("\"dma\": {\"traffic\": \"rx\", \"outcome\": \"OK\", \"count\": 5}", "");
        change("\"dma\": {\"traffic\": \"rx\", \"outcome\": \"OK\", \"count\": 5}", "\"stuck\": 0, \"violations\": 0");
        change(
                "\"dma\": {\"traffic\": \"rx\", \"outcome\": \"OK\", \"count\": 5}",
                "\"latency\": {\"percentile\": \"p95\", \"max\": \"1us\"}");
        change(
                "\"dma\": {\"traffic\": \"rx\", \"outcome\": \"OK\", \"count\": 5}",
                "\"latency\": {\"percentile\": \"p99\", \"max\": 1}");
        change(
                "\"dma\": {\"traffic\": \"rx\", \"outcome\": \"OK\", \"count\": 5}",
                "\"object\": {\"id\": \"$fd\", \"state\": \"live\"}");
        change(
                "\"dma\": {\"traffic\": \"rx\", \"outcome\": \"OK\", \"count\": 5}",
                "\"object\": {\"id\": \"$vmm.df\", \"state\": \"live\"}");
        change(
                "\"dma\": {\"traffic\": \"rx\", \"outcome\": \"OK\", \"count\": 5}",
                "\"object\": {\"type\": \"IOAS\", \"count\": 1, \"state\": \"gone\"}");
        explorations();
        Golden.check("bad-input.txt", String.join("", lines));
    }

    private void explorations() {
        explore("\"outcomes\": []");
        explore("\"outcomes\": [{\"kernel\": \"linux-7.3\"}]");
        explore("\"outcomes\": [{\"finds\": []}]");
        explore("\"outcomes\": {\"linux-7.3\": []}");
        explore("");
        outcome("\"kernel\": \"linux-7.2\", \"finds\": []", "");
        outcome("\"kernel\": \"freebsd\", \"finds\": []", "");
        outcome("\"kernel\": \"linux-7.3\", \"finds\": [\"use_after_free\"]", "");
        outcome("\"kernel\": \"linux-7.3\", \"finds\": [\"data-race\"]", "");
        outcome("\"kernel\": \"linux-7.3\", \"finds\": [\"WARN\", \"WARN\"]", "");
        outcome("\"kernel\": \"linux-7.3\", \"finds\": true", "");
        outcome("\"kernel\": \"linux-7.3\", \"finds\": [], \"patches\": [\"unbind-no-wiat\"]", "");
        outcome("\"kernel\": \"linux-7.3\", \"finds\": [], \"patches\": [\"A7\"]", "");
        outcome("\"kernel\": \"linux-7.3\", \"finds\": [], \"accepted\": [\"D3\"]", "");
        outcome("\"kernel\": \"linux-6.13\", \"finds\": [], \"accepted\": [\"D1\"]", "");
        outcome("\"kernel\": \"linux-7.3\", \"finds\": []}, {\"kernel\": \"linux-7.3\", \"finds\": [\"WARN\"]", "");
        String safe = "\"kernel\": \"linux-7.3\", \"finds\": []";
        outcome(safe, "\"from\": \"opend\"");
        outcome(safe, "\"strategy\": \"dfs\"");
        outcome(safe, "\"preemptions\": -1");
        outcome(safe, "\"preemptions\": \"two\"");
        outcome(safe, "\"timeouts\": \"never\"");
        outcome(safe, "\"timeouts\": 5000");
        outcome(safe, "\"user_copies\": \"slow\"");
        outcome(safe, "\"max_schedules\": 0");
        outcome(safe, "\"max_schedule\": 7");
    }

    private void outcome(String outcome, String more) {
        explore(more + (more.isEmpty() ? "" : ", ") + "\"outcomes\": [{" + outcome + "}]");
    }

    private void explore(String content) {
        change("\"seed\": 1", "\"explore\": {" + content + "}");
    }

    /** Replaces in the good scenario: what stands there, what shall, and so on. */
    private void change(String... parts) {
        String scenario = GOOD;
        StringBuilder what = new StringBuilder();
        for (int i = 0; i < parts.length; i += 2) {
            assertThat(scenario).as("the good scenario has this once").containsOnlyOnce(parts[i]);
            scenario = scenario.replace(parts[i], parts[i + 1]);
            what.append(i == 0 ? "" : " and ")
                    .append(parts[i].strip())
                    .append(" -> ")
                    .append(parts[i + 1].isEmpty() ? "(nothing)" : parts[i + 1]);
        }
        add(what.toString(), scenario);
    }

    private void text(String text) {
        String shown = text.length() > 30 ? text.substring(0, 30) + "..." : text;
        StringBuilder what = new StringBuilder(text.isEmpty() ? "no text" : "the text ");
        shown.chars()
                .forEach(c -> what.append(
                        c < ' ' ? "\\u" + Integer.toHexString(0x10000 | c).substring(1) : (char) c + ""));
        add(what.toString().stripTrailing(), text);
    }

    private void add(String what, String scenario) {
        Throwable thrown = catchThrowable(() -> load(scenario));
        assertThat(thrown).as(what).isInstanceOf(ScenarioException.class);
        String line = thrown.getMessage();
        assertThat(line).as(what).startsWith("bad.json: ").doesNotContain("\n").hasSizeLessThan(400);
        lines.add(what + "\n    " + line + "\n");
    }

    private static Scenario load(String text) {
        return new ScenarioLoader(TestVocabulary.vocabulary()).load("bad.json", text.getBytes(StandardCharsets.UTF_8));
    }
}
