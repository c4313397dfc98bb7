package org.iommusim.sim.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Method;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Compares a module's rule lists ({@code src/test/resources/rules/*.txt}, see {@link RuleList}) with the {@link Rule}s
 * that its tests name. A module that has such lists has an empty subclass of this among its tests.
 */
public abstract class RuleCoverage {
    @Test
    void shouldTestEveryListedRuleAndNameNoOther() {
        Path root = root();
        RuleList rules = new RuleList();
        for (Path file : files(root.resolve("rules"), ".txt")) {
            rules.add(String.valueOf(file.getFileName()), lines(file));
        }
        assertThat(rules.size()).as("rules in " + root.resolve("rules")).isPositive();
        assertThat(rules.problems(tested(root))).isEmpty();
    }

    /** Where the subclass was compiled to: the module's test classes and resources, and nobody else's. */
    private Path root() {
        try {
            return Path.of(getClass()
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private Set<String> tested(Path root) {
        Set<String> ids = new TreeSet<>();
        for (Path file : files(root, ".class")) {
            String path = root.relativize(file).toString();
            Class<?> type = load(path.substring(0, path.length() - ".class".length())
                    .replace('/', '.')
                    .replace('\\', '.'));
            collect(type, ids);
            for (Method method : type.getDeclaredMethods()) {
                collect(method, ids);
            }
        }
        return ids;
    }

    private static void collect(AnnotatedElement element, Set<String> ids) {
        for (Rule rule : element.getAnnotationsByType(Rule.class)) {
            ids.add(rule.value());
        }
    }

    private Class<?> load(String name) {
        try {
            return Class.forName(name, false, getClass().getClassLoader());
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException(e);
        }
    }

    private static List<Path> files(Path directory, String ending) {
        try (Stream<Path> paths = Files.walk(directory)) {
            return paths.filter(p -> p.toString().endsWith(ending)).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
