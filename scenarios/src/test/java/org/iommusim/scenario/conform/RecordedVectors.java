package org.iommusim.scenario.conform;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.GZIPInputStream;

/** The vectors among the test resources. */
final class RecordedVectors {
    static final String SMMUV3_HAND = "smmuv3-hand.jsonl.gz";
    static final String SMMUV3_RANDOM = "smmuv3-random.jsonl.gz";

    static final String VTD_HAND = "vtd-hand.jsonl.gz";
    static final String VTD_RANDOM = "vtd-random.jsonl.gz";
    static final String VTD_INTERRUPTS = "vtd-ir.jsonl.gz";

    static final String AMDVI_HAND = "amdvi-hand.jsonl.gz";
    static final String AMDVI_RANDOM = "amdvi-random.jsonl.gz";

    static final String IOMMUFD_HAND = "iommufd-hand.jsonl.gz";
    static final String IOMMUFD_RANDOM = "iommufd-random.jsonl.gz";

    private RecordedVectors() {}

    static Path file(String name) {
        return Path.of("src", "test", "resources", "vectors", name);
    }

    static List<String> lines(String name) {
        try (InputStream bytes = RecordedVectors.class.getResourceAsStream("/vectors/" + name);
                BufferedReader text =
                        new BufferedReader(new InputStreamReader(new GZIPInputStream(bytes), StandardCharsets.UTF_8))) {
            return text.lines().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The line of one case. */
    static String line(String file, String id) {
        return lines(file).stream()
                .filter(line -> line.startsWith("{\"id\":\"" + id + "\""))
                .findFirst()
                .orElseThrow();
    }
}
