package org.iommusim.scenario.conform;

import java.io.BufferedInputStream;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;
import org.iommusim.hw.conform.VectorTarget;
import org.iommusim.hw.provider.IommuProvider;
import org.iommusim.scenario.conform.iommufd.VectorOpReader;
import org.iommusim.scenario.json.JsonReader;
import org.iommusim.scenario.json.JsonSyntaxException;
import org.iommusim.scenario.json.JsonValue;
import org.iommusim.scenario.language.ScenarioException;

/** Reads files of vectors, {@code .jsonl} or {@code .jsonl.gz}: one case a line, empty lines apart. */
final class VectorFiles {
    private final Pattern filter;

    /**
     * Makes a reader.
     *
     * @param filter only cases in whose id this is found are kept; the others are read all the same
     */
    VectorFiles(Pattern filter) {
        this.filter = filter;
    }

    /**
     * The cases of a file.
     *
     * @throws ScenarioException if the file or one of its lines is no vector
     */
    List<VectorCase> read(String file) {
        List<VectorCase> cases = new ArrayList<>();
        try (BufferedReader lines = open(file)) {
            int number = 0;
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                number++;
                if (!line.isBlank()) {
                    VectorCase one = vector(file + ": line " + number, line);
                    if (filter.matcher(one.id()).find()) {
                        cases.add(one);
                    }
                }
            }
        } catch (CharacterCodingException e) {
            throw new ScenarioException(file, "", "found bytes that are not UTF-8", "expected vectors");
        } catch (IOException e) {
            throw new ScenarioException(file, "", "found a file that cannot be read to its end", "expected vectors");
        }
        return cases;
    }

    private static BufferedReader open(String file) throws IOException {
        Path path;
        try {
            path = Path.of(file);
        } catch (InvalidPathException e) {
            throw new ScenarioException(
                    file.replaceAll("\\p{Cntrl}", "?"), "", "found a name that no file can have", "expected a path");
        }
        if (!Files.isReadable(path) || Files.isDirectory(path)) {
            String what = Files.isDirectory(path)
                    ? "found a directory"
                    : Files.exists(path) ? "found a file without permission to read it" : "found no such file";
            throw new ScenarioException(file, "", what, "expected a file of vectors (.jsonl or .jsonl.gz)");
        }
        InputStream bytes = new BufferedInputStream(Files.newInputStream(path));
        try {
            InputStream plain = file.endsWith(".gz") ? new GZIPInputStream(bytes) : bytes;
            // A decoder of its own, because that one refuses bytes that are no UTF-8 instead of replacing them.
            return new BufferedReader(new InputStreamReader(plain, StandardCharsets.UTF_8.newDecoder()));
        } catch (IOException e) {
            bytes.close();
            throw new ScenarioException(file, "", "found a file that is not compressed with gzip", "expected one");
        }
    }

    private static VectorCase vector(String where, String line) {
        JsonValue value;
        try {
            value = JsonReader.read(line.getBytes(StandardCharsets.UTF_8));
        } catch (JsonSyntaxException e) {
            // The document is one line, so that a place in it is a column.
            String place = e.place().replaceFirst("^line 1, ", "");
            throw new ScenarioException(where, place, String.valueOf(e.getMessage()), e.expected());
        }
        VectorNode node = new VectorNode(where, "", value);
        String id = node.member("id").text();
        if (node.has("kernel")) {
            return VectorOpReader.read(node);
        }
        VectorNode kind = node.member("iommu");
        Optional<IommuProvider> provider = IommuProvider.find(kind.text()).filter(IommuProvider::architected);
        if (provider.isEmpty()) {
            throw kind.wrong(
                    "found the unknown IOMMU \"" + kind.text() + "\"",
                    "expected one of "
                            + IommuProvider.all().stream()
                                    .filter(IommuProvider::architected)
                                    .map(IommuProvider::kind)
                                    .toList());
        }
        Optional<VectorTarget> target = VectorTarget.find(kind.text());
        if (target.isEmpty()) {
            return new SkippedCase(id, provider.get().title() + " cannot be compared with vectors yet");
        }
        return new HardwareCase(new VectorReader(target.get()).read(node), provider.get(), target.get());
    }
}
