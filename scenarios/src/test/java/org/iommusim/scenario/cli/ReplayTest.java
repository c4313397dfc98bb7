package org.iommusim.scenario.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A user's own recording, from the file to the rows of requests.csv. */
class ReplayTest {
    private static final String GOOD = """
            {"name": "own", "description": "own recording", "ties": "lifo",
             "topology": {
              "memory": {"base": 0, "size": "1GiB", "latency": "30ns", "answers": "in_order",
                         "images": [{"file": "image", "address": "0x1000"}]},
              "iommus": [{"id": "smmu0", "kind": "smmuv3", "preset": "gem5-default", "registers": [["0x20", 4, 0]]}],
              "root_ports": [{"id": "rp0", "iommu": "smmu0"}],
              "devices": [{"id": "dev", "port": "rp0", "bdf": "00:00.0"}],
              "traffic": [{"id": "t", "device": "dev", "kind": "replay", "file": "requests", "outstanding": 2, "start": "50ns"}]},
             "actors": []}
            """;

    @TempDir
    private Path directory;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @BeforeEach
    void write() throws IOException {
        Files.write(directory.resolve("image"), new byte[] {1, 2, 3, 4, 5, 6, 7, 8, 9});
        Files.write(directory.resolve("requests"), records(3, 64));
    }

    private static byte[] records(int count, int size) {
        ByteBuffer records = ByteBuffer.allocate(24 * count).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < count; i++) {
            records.putInt(5)
                    .putInt(0)
                    .putLong(0x1000 + 64L * i)
                    .putInt(size | (i == 1 ? 1 << 31 : 0))
                    .putInt(i == 2 ? 9 : 0);
        }
        return records.array();
    }

    private int run(String json, String... more) throws IOException {
        Path file = directory.resolve("own.json");
        Files.writeString(file, json);
        String[] words = new String[2 + more.length];
        words[0] = "run";
        words[1] = file.toString();
        System.arraycopy(more, 0, words, 2, more.length);
        return Main.run(words, new Console(new PrintWriter(out), new PrintWriter(err), false, false));
    }

    @Test
    void shouldWriteARowForEachRequest() throws IOException {
        Path into = directory.resolve("out");
        assertThat(run(
                        GOOD.replace("\"outstanding\": 2", "\"outstanding\": 3"),
                        "--out",
                        into.toString(),
                        "--requests"))
                .as(err.toString())
                .isZero();
        List<String> rows = Files.readAllLines(into.resolve("requests.csv"));
        // Translation is off: one cycle at the door (four for a write's data), then one cycle of bypass, and one or
        // four
        // at the port to memory. The third request waits nine cycles longer than the one that each takes.
        assertThat(rows).hasSize(4);
        assertThat(rows.get(0)).startsWith("id,device,stream_id,pasid,iova,op,length,attempt_ps,issue_ps,received_ps,");
        assertThat(rows.get(1)).startsWith("0,dev,0x5,,0x1000,read,64,50000,50000,51000,53000,84000,BYPASS,0x1000,");
        assertThat(rows.get(2)).startsWith("1,dev,0x5,,0x1040,write,64,51000,51000,55000,60000,91000,BYPASS,0x1040,");
        assertThat(rows.get(3)).startsWith("2,dev,0x5,,0x1080,read,64,61000,61000,62000,64000,95000,BYPASS,0x1080,");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "\"image\"|\"no-image\"|/topology/memory/images/0/file: found no file \"no-image\" that can be read",
                "\"0x1000\"}]|\"0x40000000\"}]|/topology/memory/images/0: found 9 bytes at 0x40000000",
                "\"base\": 0|\"base\": 4096|/topology/memory/base: found ",
                "\"requests\"|\"none\"|/topology/traffic/0/file: found no file \"none\"",
                "\"requests\"|\"image\"|/topology/traffic/0/file: found 9 bytes, which is no whole number of records",
                "\"outstanding\": 2|\"order_ids\": 2|/topology/traffic/0: found no \"outstanding\"",
                "\"outstanding\": 2|\"outstanding\": 2, \"window\": \"4KiB\"|/topology/traffic/0/window: found \"window\" in a replay",
                "\"outstanding\": 2|\"outstanding\": 2, \"door\": 1|/topology/traffic/0/door: found 1, expected 0 to 0: the IOMMU has",
                "\"registers\"|\"parameters\": {\"tlb_ways\": 3}, \"registers\"|found a cache of 2048 entries cannot have 3 ways",
                "\"registers\"|\"parameters\": {\"walk_cache_ways\": 3}, \"registers\"|walk cache entries cannot have 3 ways",
                "\"registers\"|\"parameters\": {\"walk_cache_ways\": 0}, \"registers\"|walk cache entries cannot have 512 ways",
                "\"registers\"|\"parameters\": {\"tlb_policy\": 6}, \"registers\"|/parameters/tlb_policy: found the number 6",
                "\"registers\"|\"parameters\": {\"link_up_cycles\": 0}, \"registers\"|/parameters/link_up_cycles: found the number 0",
                "\"registers\"|\"parameters\": {\"prefetch\": true, \"tlb_ways\": 1}, \"registers\"|no way of smmu0.tbu0.tlb is left",
                "\"kind\": \"replay\"|\"window\": \"4KiB\"|/topology/traffic/0/file: found \"file\"",
                "[[\"0x20\", 4, 0]]|[[\"0x20\", 4]]|/topology/iommus/0/registers/0: found 2 numbers",
                "[[\"0x20\", 4, 0]]|[[\"0x20\", 2, 0]]|/topology/iommus/0/registers/0/1: found ",
                "[[\"0x20\", 4, 0]]|[[\"0x24\", 8, 0]]|/topology/iommus/0/registers/0/0: found ",
                "\"actors\": []|\"actors\": [{\"id\": \"a\", \"kind\": \"host\", \"script\": []}]|/actors: found actors beside",
            })
    void shouldSayInOneLineWhatIsWrong(String there, String instead, String message) throws IOException {
        assertThat(GOOD).contains(there);
        assertThat(run(GOOD.replace(there, instead))).isEqualTo(2);
        assertThat(err.toString()).hasLineCount(1).contains(message);
    }

    @Test
    void shouldNameTheRecordThatNoDeviceCanMake() throws IOException {
        Files.write(directory.resolve("requests"), records(70, 64));
        assertThat(run(GOOD)).isZero();
        Files.write(directory.resolve("requests"), records(2, 4033));
        assertThat(run(GOOD)).isEqualTo(2);
        assertThat(err.toString()).contains("found record 1 that crosses a 4 KiB boundary, expected ");
        Files.write(directory.resolve("requests"), records(1, 0));
        assertThat(run(GOOD)).isEqualTo(2);
        assertThat(err.toString()).contains("found record 0 with 0 bytes of data");
    }

    @Test
    void shouldRefuseDamagedGzip() throws IOException {
        Files.write(directory.resolve("requests"), new byte[] {0x1f, (byte) 0x8b, 1, 2, 3});
        assertThat(run(GOOD)).isEqualTo(2);
        assertThat(err.toString()).hasLineCount(1).contains("damaged gzip data");
    }
}
