package org.iommusim.scenario.conform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.zip.GZIPOutputStream;
import org.iommusim.scenario.language.ScenarioException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VectorFilesTest {
    private static final String IDS =
            "\"IDR0\":\"0x0\",\"IDR1\":\"0x0\",\"IDR2\":\"0x0\",\"IDR3\":\"0x0\",\"IDR4\":\"0x0\","
                    + "\"IDR5\":\"0x0\",\"AIDR\":\"0x0\",\"GBPA\":\"0x0\"";
    private static final String HEAD = "{\"id\":\"a-1\",\"iommu\":\"smmuv3\",\"idregs\":{" + IDS + "},";

    @TempDir
    private Path directory;

    @Test
    void shouldReadPlainAndCompressedFiles() throws IOException {
        String lines = withSteps("") + "\n\n" + withSteps("").replace("a-1", "b-2") + "\n";
        Path plain = file("v.jsonl", lines);
        Path compressed = directory.resolve("v.jsonl.gz");
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(compressed))) {
            out.write(lines.getBytes(StandardCharsets.UTF_8));
        }
        assertThat(ids(plain, "")).containsExactly("a-1", "b-2");
        assertThat(ids(compressed, "")).containsExactly("a-1", "b-2");
        assertThat(ids(plain, "b-[0-9]")).containsExactly("b-2");
    }

    @Test
    void shouldSkipCasesOfAnIommuWithoutABench() {
        CaseResult skipped = new SkippedCase("v-1", "it cannot be compared with vectors yet").judge(true);
        assertThat(skipped.verdict()).isEqualTo(CaseResult.Verdict.SKIPPED);
        assertThat(skipped.skipped()).isEqualTo("it cannot be compared with vectors yet");
        assertThat(skipped.id()).isEqualTo("v-1");
    }

    @Test
    void shouldRefuseLinesThatAreNoVectorsInOneLine() throws IOException {
        bad(
                "{\"id\":",
                "line 1: column 7: found broken JSON (unexpected end-of-input within/between Object entries), expected JSON");
        bad("{}", "line 1: /: found no \"id\", expected one");
        bad("[]", "line 1: /: found an array, expected an object");
        bad("{\"id\":\"x\"}", "line 1: /: found no \"iommu\", expected one");
        bad(
                "\n{\"id\":\"x\",\"iommu\":\"riscv\"}",
                "line 2: /iommu: found the unknown IOMMU \"riscv\", expected one of [amdvi, smmuv3, vtd]");
        bad(HEAD + "\"mem\":[],\"steps\":[]}", "line 1: /: found no \"regs\", expected one");
        bad(
                HEAD.replace(",\"GBPA\":\"0x0\"", "") + "\"regs\":[],\"mem\":[],\"steps\":[]}",
                "line 1: /idregs: found no \"GBPA\", expected one");
        bad(
                HEAD + "\"regs\":[[\"0x20\",2,\"0x0\"]],\"mem\":[],\"steps\":[]}",
                "line 1: /regs/0/1: found a width of 2, expected 4 or 8");
        bad(
                HEAD + "\"regs\":[],\"mem\":[[\"0x4\",\"0x0\"]],\"steps\":[]}",
                "line 1: /mem/0/0: found the address 0x4, expected a multiple of 8");
        bad(
                HEAD + "\"regs\":[],\"mem\":[[\"0x8\",\"zero\"]],\"steps\":[]}",
                "line 1: /mem/0/1: found \"zero\", expected 64 bits such as \"0x10\"");
        bad(
                HEAD + "\"colour\":1,\"regs\":[],\"mem\":[],\"steps\":[]}",
                "line 1: /colour: found the unknown field \"colour\", expected one of [id, iommu, source, why, note,"
                        + " config, idregs, regs, mem, steps, qemu_quirk, qemu_event_quirk, cache-dependent]");
    }

    @Test
    void shouldRefuseStepsThatItDoesNotKnow() throws IOException {
        bad(
                withSteps("{\"jump\":1}"),
                "line 1: /steps/0: found a step with [jump], expected one of [dma, msi, mem, cmd, reg, rdreg, rdmem]");
        bad(
                withSteps("{\"mem\":[],\"reg\":[\"0x0\",4,\"0x0\"]}"),
                "line 1: /steps/0: found both \"mem\" and \"reg\", expected one step");
        bad(
                withSteps("{\"rdreg\":[\"0x60\",4],\"expect\":{}}"),
                "line 1: /steps/0/expect: found no \"value\", expected one");
        bad(
                withSteps("{\"cmd\":[\"0x46\"],\"expect\":{}}"),
                "line 1: /steps/0/cmd: found 1 elements, expected 2: 64-bit words");
        bad(
                withSteps("{\"cmd\":[\"0x46\",\"0x0\"],\"expect\":{\"iqh\":\"0x0\"}}"),
                "line 1: /steps/0/expect/iqh: found the unknown field \"iqh\", expected one of [cons, gerror, mem_changed, event, events, name]");
        bad(
                withSteps(dma("\"ok\":true")),
                "line 1: /steps/0/expect: found no \"pa\", expected one where \"ok\" is true");
        bad(
                withSteps(msi("\"ok\":true")),
                "line 1: /steps/0/expect: found no \"msi\", expected one where \"ok\" is true");
        bad(
                withSteps(msi("\"ok\":true,\"msi\":[\"0xfee00000\"]")),
                "line 1: /steps/0/expect/msi: found 1 elements, expected 2: address, data");
        bad(
                withSteps(msi("\"ok\":true,\"pa\":\"0x0\"")),
                "line 1: /steps/0/expect/pa: found the unknown field \"pa\", expected one of [ok, event, events, name,"
                        + " note, fault, mem_changed, msi, cons, gerror]");
        bad(
                withSteps(dma("\"ok\":false,\"event\":[\"0x0\"]")),
                "line 1: /steps/0/expect/event: found 1 elements, expected 4: 64-bit words");
        bad(
                withSteps(dma("\"ok\":false").replace("read", "swap")),
                "line 1: /steps/0/dma/op: found \"swap\", expected \"read\" or \"write\"");
        bad(
                withSteps(dma("\"ok\":false").replace("\"sid\":8", "\"sid\":65536")),
                "line 1: /steps/0/dma/sid: found the number 65536, expected a number from 0 to 65535");
        bad(
                withSteps(dma("\"ok\":false").replace("}}", "},\"arch\":{\"mood\":1}}")),
                "line 1: /steps/0/arch/mood: found the unknown field \"mood\","
                        + " expected ok, pa, name, event, mem_changed, why or one of [s2, cls, addr2]");
    }

    @Test
    void shouldRefuseFilesThatCannotBeRead() throws IOException {
        Path none = directory.resolve("none.jsonl");
        assertThatThrownBy(() -> ids(none, ""))
                .isInstanceOf(ScenarioException.class)
                .hasMessage(none + ": /: found no such file, expected a file of vectors (.jsonl or .jsonl.gz)");
        assertThatThrownBy(() -> ids(directory, ""))
                .hasMessage(directory + ": /: found a directory, expected a file of vectors (.jsonl or .jsonl.gz)");
        Path fake = file("v.jsonl.gz", withSteps(""));
        assertThatThrownBy(() -> ids(fake, ""))
                .hasMessage(fake + ": /: found a file that is not compressed with gzip, expected one");
        Path binary = Files.write(directory.resolve("b.jsonl"), new byte[] {'{', (byte) 0xff, '}'});
        assertThatThrownBy(() -> ids(binary, ""))
                .hasMessage(binary + ": /: found bytes that are not UTF-8, expected vectors");
    }

    private void bad(String line, String message) throws IOException {
        Path file = file("bad.jsonl", line);
        assertThatThrownBy(() -> ids(file, ""))
                .isInstanceOf(ScenarioException.class)
                .hasMessage(file + ": " + message);
    }

    private static String withSteps(String steps) {
        return HEAD + "\"regs\":[],\"mem\":[],\"steps\":[" + steps + "]}";
    }

    private static String dma(String expect) {
        return "{\"dma\":{\"sid\":8,\"pasid\":null,\"iova\":\"0x0\",\"op\":\"read\",\"len\":4},\"expect\":{" + expect
                + "}}";
    }

    private static String msi(String expect) {
        return "{\"msi\":{\"sid\":8,\"addr\":\"0xfee00070\",\"data\":\"0x0\"},\"expect\":{" + expect + "}}";
    }

    private static List<String> ids(Path file, String filter) {
        return new VectorFiles(Pattern.compile(filter))
                .read(file.toString()).stream().map(VectorCase::id).toList();
    }

    private Path file(String name, String text) throws IOException {
        return Files.writeString(directory.resolve(name), text);
    }
}
