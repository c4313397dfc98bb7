package org.iommusim.smmuv3;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The tests that docs/smmuv3.md names exist. */
class CoverageTableTest {
    private static final Path TABLE = Path.of("..", "docs", "smmuv3.md");
    private static final Pattern NAME = Pattern.compile("`([A-Z]\\w*Test)(?:\\.(should\\w+))?`");

    @Test
    void shouldNameOnlyTestsThatExist() throws IOException, URISyntaxException {
        Map<String, Class<?>> tests = tests();
        List<String> unknown = new ArrayList<>();
        int named = 0;
        Matcher matcher = NAME.matcher(Files.readString(TABLE));
        while (matcher.find()) {
            named++;
            Class<?> type = tests.get(matcher.group(1));
            String method = matcher.group(2);
            if (type == null || method != null && !has(type, method)) {
                unknown.add(matcher.group());
            }
        }
        assertThat(unknown).isEmpty();
        assertThat(named).isGreaterThan(30);
    }

    private static boolean has(Class<?> type, String method) {
        return Arrays.stream(type.getDeclaredMethods())
                .anyMatch(m -> m.getName().equals(method));
    }

    private static Map<String, Class<?>> tests() throws IOException, URISyntaxException {
        Path root = Path.of(CoverageTableTest.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        Map<String, Class<?>> found = new TreeMap<>();
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file :
                    files.filter(f -> f.toString().endsWith("Test.class")).toList()) {
                String path = root.relativize(file).toString();
                String name = path.substring(0, path.length() - ".class".length())
                        .replace('/', '.')
                        .replace('\\', '.');
                found.put(
                        name.substring(name.lastIndexOf('.') + 1),
                        Class.forName(name, false, CoverageTableTest.class.getClassLoader()));
            }
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException(e);
        }
        return found;
    }
}
