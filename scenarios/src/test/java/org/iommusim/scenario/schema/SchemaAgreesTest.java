package org.iommusim.scenario.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import org.iommusim.scenario.language.BadInputTest;
import org.iommusim.scenario.language.MutatedInputTest;
import org.iommusim.scenario.language.ScenarioException;
import org.iommusim.scenario.language.ScenarioLoader;
import org.iommusim.scenario.language.TestVocabulary;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The schema refuses nothing that the loader takes, and says where it refuses something. */
class SchemaAgreesTest {
    private final SchemaCheck schema = SchemaCheck.of(ScenarioSchema.of(TestVocabulary.vocabulary()));
    private final ScenarioLoader loader = new ScenarioLoader(TestVocabulary.vocabulary());

    @Test
    void shouldTakeWhatTheLoaderTakes() {
        int taken = 0;
        for (int seed = 0; seed < 4000; seed++) {
            byte[] text = MutatedInputTest.mutated(seed).getBytes(StandardCharsets.UTF_8);
            try {
                loader.load("x.json", text);
            } catch (ScenarioException e) {
                continue;
            }
            taken++;
            schema.check("seed " + seed + ": " + MutatedInputTest.mutated(seed), text);
        }
        assertThat(taken).as("mutations that are scenarios").isGreaterThan(10);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"seed\": 1|\"seed\": \"0xffffffffffffffff\", \"kernel\": \"linux-6.13\", \"ties\": \"lifo\", \"comment\": \"x\"",
                "\"1GiB\"|\"1.5GiB\"",
                "\"1GiB\"|\"512 MiB\"",
                "\"100ns\"|\"100.25ns\", \"llc_size\": \"1MiB\", \"llc_ways\": 8, \"llc_hit\": \"0ns\", \"outstanding\": 1",
                "\"tlb_entries\": 32|\"tlb_entries\": \"0x20\", \"clock\": \"2ns\", \"ordered\": true",
                "\"tlb_entries\": 32|\"ordered\": 1",
                ", \"preset\": \"mmu-600\"|''",
                "\"150ns\"|\"1us\", \"bandwidth\": \"1.5GB/s\", \"header_bytes\": 0",
                "\"03:00.0\"|\"Ff:1f.7\", \"plugged\": false",
                "\"outstanding\": 16|\"interval\": \"1us\", \"poisson\": true, \"device_outstanding\": 4, \"pasid\": \"0x1\"",
                "\"outstanding\": 16|\"outstanding\": 1, \"pattern\": \"strided\", \"stride\": \"4KiB\", \"window_base\": 4096",
                "\"outstanding\": 16|\"outstanding\": 1, \"window_base\": \"4KiB\", \"bytes\": \"64KiB\", \"count\": 0",
                "\"iova\": \"0x1000\"|\"iova\": \"2MiB\", \"huge\": false, \"mode\": \"read\", \"flags\": \"a\"",
                "\"iova\": \"0x1000\"|\"flags\": [\"a\", \"b\"], \"bytes\": 0",
                "\"fd\": \"$fd\"|\"fd\": 3",
                "\"fd\": \"$fd\"|\"fd\": \"$vmm.fd\"",
                "\"errno\": \"OK\"|\"errno\": \"any\", \"at\": \"1s\", \"comment\": \"c\"",
                "\"errno\": \"OK\"|\"errno\": [\"0\", \"EBUSY\", \"ENOENT\"]",
                "\"errno\": \"OK\"|\"errno\": \"EEXIST\", \"after\": \"opened\", \"label\": \"l\"",
                "\"vmm\": \"vmm\"|\"vmm\": \"vmm\", \"iommu\": \"smmu0\", \"comment\": \"c\"",
                "\"actors\": [|\"actors\": [{\"id\": \"t2\", \"kind\": \"thread\", \"vmm\": \"vmm\", \"script\": [{\"do\": \"map\", \"fd\": \"$fd\"}, {\"do\": \"map\", \"fd\": \"$vmm.fd\"}]},",
                "\"count\": 5}}|\"min\": 1}, \"comment\": \"c\"}",
                "{\"dma\"|{\"violations\": 0}, {\"stuck\": 1}, {\"object\": {\"id\": \"$vmm.fd\", \"state\": \"absent\"}}, {\"dma\"",
                "{\"dma\"|{\"object\": {\"context\": \"vmm.x\", \"type\": \"IOAS\", \"count\": 0, \"state\": \"live\"}}, {\"dma\"",
                "{\"dma\"|{\"latency\": {\"percentile\": \"p99.9\", \"min\": \"1ns\", \"max\": \"2us\"}}, {\"dma\"",
                "\"seed\": 1|\"explore\": {\"outcomes\": [{\"kernel\": \"linux-7.3\", \"finds\": []}]}",
                "\"seed\": 1|\"explore\": {\"from\": \"opened\", \"strategy\": \"pct\", \"preemptions\": 0, \"timeouts\": 2, \"user_copies\": \"forever\", \"max_schedules\": 5, \"comment\": \"c\", \"outcomes\": [{\"kernel\": \"linux-6.13\", \"patches\": [\"unbind-no-wait\"], \"finds\": [\"WARN\", \"deadlock\"], \"comment\": \"c\"}, {\"kernel\": \"linux-7.3\", \"finds\": \"WARN\", \"accepted\": \"D2\"}]}",
                "\"seed\": 1|\"explore\": {\"timeouts\": \"stuck\", \"outcomes\": [{\"kernel\": \"linux-7.3\", \"finds\": [], \"patches\": []}]}",
                "{\"dma\"|{\"statistic\": {\"name\": \"smmu0.walks\", \"equals\": 3}}, {\"dma\"",
            })
    void shouldTakeWhatIsRight(String there, String instead) {
        assertThat(BadInputTest.GOOD).containsOnlyOnce(there);
        byte[] text =
                BadInputTest.GOOD.replace(there, instead == null ? "" : instead).getBytes(StandardCharsets.UTF_8);
        loader.load("x.json", text);
        schema.check("x.json", text);
    }

    @Test
    void shouldSayWhereItRefuses() {
        String text =
                "{\"name\": \"a\", \"description\": \"\", \"topology\": {\"iommus\": [{\"id\": \"s\", \"kind\": \"smmuv3\","
                        + " \"preset\": \"mmu-1\"}], \"root_ports\": [], \"devices\": []}, \"actors\": []}";
        assertThatThrownBy(() -> schema.check("x.json", text.getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(ScenarioException.class)
                .hasMessageStartingWith(
                        "x.json: /topology/iommus/0/preset: found what the schema refuses, expected that ");
    }
}
