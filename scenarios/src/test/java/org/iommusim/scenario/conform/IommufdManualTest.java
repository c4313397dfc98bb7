package org.iommusim.scenario.conform;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.iommusim.iommufd.abi.IommufdIoctl;
import org.iommusim.iommufd.abi.StructLayout;
import org.iommusim.scenario.Golden;
import org.iommusim.scenario.json.JsonReader;
import org.iommusim.scenario.json.JsonSyntaxException;
import org.iommusim.scenario.json.JsonValue;
import org.junit.jupiter.api.Test;

/** The tables of docs/iommufd.md: the ioctls, and each error with what shows it. */
class IommufdManualTest {
    private static final Path MANUAL = Path.of("..", "docs", "iommufd.md");
    private static final Path ERRNOS = Path.of("src", "test", "resources", "iommufd", "errnos.txt");
    private static final Path VECTORS = Path.of("src", "test", "resources", "vectors");
    private static final String MARK = "<!-- From here on this file is generated. -->\n";
    private static final String ANY = "any";
    private static final int SHOWN = 3;

    /** A line of errnos.txt. */
    private record Row(String ioctl, String errno, String when, String proof) {
        static Row parse(String line) {
            String[] part = line.split(" ", 3);
            int mark = part[2].indexOf("; test: ");
            int none = part[2].indexOf("; not modelled: ");
            int cut = mark >= 0 ? mark : none;
            return cut < 0
                    ? new Row(part[0], part[1], part[2], "")
                    : new Row(part[0], part[1], part[2].substring(0, cut), part[2].substring(cut + 2));
        }

        String key() {
            return ioctl + " " + errno;
        }
    }

    private final List<Row> rows = rows();
    private final Map<String, Set<String>> vectors = vectors();

    private static List<Row> rows() {
        try {
            return Files.readAllLines(ERRNOS).stream()
                    .filter(line -> !line.startsWith("#"))
                    .map(Row::parse)
                    .toList();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** By ioctl and errno, the cases in which it was recorded. */
    private static Map<String, Set<String>> vectors() {
        Map<String, Set<String>> found = new TreeMap<>();
        for (String file : List.of("iommufd-hand.jsonl.gz", "iommufd-random.jsonl.gz")) {
            try (BufferedReader in = new BufferedReader(new InputStreamReader(
                    new GZIPInputStream(Files.newInputStream(VECTORS.resolve(file))), StandardCharsets.UTF_8))) {
                for (String line = in.readLine(); line != null; line = in.readLine()) {
                    addCase(found, line);
                }
            } catch (IOException | JsonSyntaxException e) {
                throw new AssertionError(file, e);
            }
        }
        return found;
    }

    private static void addCase(Map<String, Set<String>> found, String line) throws JsonSyntaxException {
        Map<String, JsonValue> members = members(JsonReader.read(line.getBytes(StandardCharsets.UTF_8)));
        String id = text(members.get("id"));
        for (JsonValue op : ((JsonValue.Elements) members.get("ops")).elements()) {
            String errno = text(members(op).get("errno"));
            if (errno.startsWith("-")) {
                String name = text(members(op).get("op"));
                String plain = errno.substring(1);
                found.computeIfAbsent(name + " " + plain, key -> new LinkedHashSet<>())
                        .add(id);
                if (id.startsWith("abi-") || plain.equals("EBADF")) {
                    found.computeIfAbsent(ANY + " " + plain, key -> new LinkedHashSet<>())
                            .add(id);
                }
            }
        }
    }

    private static Map<String, JsonValue> members(JsonValue value) {
        return ((JsonValue.Members) value).members();
    }

    private static String text(JsonValue value) {
        return value instanceof JsonValue.Text text ? text.text() : "";
    }

    @Test
    void shouldListEveryIoctlAndEveryErrorThatWasRecorded() {
        Set<String> listed = new LinkedHashSet<>();
        rows.forEach(row -> listed.add(row.key()));
        List<String> missing = new ArrayList<>();
        for (IommufdIoctl ioctl : IommufdIoctl.values()) {
            assertThat(rows).as(ioctl.name()).anyMatch(row -> row.ioctl().equals(ioctl.name()));
            for (String key : vectors.keySet()) {
                String errno = key.substring(key.indexOf(' ') + 1);
                if (key.startsWith(ioctl.name() + " ")
                        && !listed.contains(key)
                        && !listed.contains(ANY + " " + errno)) {
                    missing.add(key);
                }
            }
        }
        assertThat(missing).isEmpty();
    }

    @Test
    void shouldShowEachErrorByAVectorOrATestThatExists() throws IOException {
        for (Row row : rows) {
            if (row.proof().startsWith("test: ")) {
                String name = row.proof().substring("test: ".length());
                assertThat(testExists(name)).as(row.key() + " " + name).isTrue();
            } else if (row.proof().isEmpty()) {
                assertThat(vectors).as("vectors that show it").containsKey(row.key());
            }
        }
    }

    private static boolean testExists(String name) throws IOException {
        String file = name.substring(0, name.indexOf('.')) + ".java";
        String method = "void " + name.substring(name.indexOf('.') + 1) + "(";
        for (String module : List.of("iommufd-model", "hw-smmuv3", "scenarios")) {
            try (Stream<Path> paths = Files.walk(Path.of("..", module, "src", "test", "java"))) {
                for (Path path : paths.filter(p -> p.endsWith(file)).toList()) {
                    if (Files.readString(path).contains(method)) {
                        return true;
                    }
                }
            }
        }
        return false;
    }

    @Test
    void shouldHaveAnUpToDateManual() throws IOException {
        String manual = Files.readString(MANUAL);
        assertThat(manual).contains(MARK);
        String written = manual.substring(0, manual.indexOf(MARK) + MARK.length());
        Golden.checkFile(MANUAL, written + ioctls() + errors());
    }

    private static String ioctls() {
        StringBuilder text = new StringBuilder("\n## Ioctls\n\n| number | ioctl | structure | bytes | at least |\n");
        text.append("| --- | --- | --- | --- | --- |\n");
        for (IommufdIoctl ioctl : IommufdIoctl.values()) {
            StructLayout layout = ioctl.layout();
            text.append(String.format(
                    Locale.ROOT,
                    "| 0x%x | `%s` | `%s` | %d | %d |\n",
                    ioctl.number(),
                    ioctl.kernelName(),
                    layout.name(),
                    layout.size(),
                    layout.minSize()));
        }
        return text.toString();
    }

    private String errors() {
        StringBuilder text = new StringBuilder("\n## Errors, in the order of the checks, and what shows them\n\n");
        text.append("| ioctl | errno | when | vector or test |\n| --- | --- | --- | --- |\n");
        for (Row row : rows) {
            String ioctl = row.ioctl().equals(ANY) ? "any" : "`IOMMU_" + row.ioctl() + "`";
            text.append("| ").append(ioctl).append(" | ").append(row.errno()).append(" | ");
            text.append(row.when()).append(" | ").append(shown(row)).append(" |\n");
        }
        return text.toString();
    }

    private String shown(Row row) {
        List<String> cases = List.copyOf(vectors.getOrDefault(row.key(), Set.of()));
        if (cases.isEmpty() || row.proof().startsWith("not")) {
            return row.proof().startsWith("test: ")
                    ? "`" + row.proof().substring("test: ".length()) + "`"
                    : row.proof();
        }
        String first = String.join(", ", cases.subList(0, Math.min(SHOWN, cases.size())));
        return cases.size() <= SHOWN ? first : first + " and " + (cases.size() - SHOWN) + " more";
    }
}
