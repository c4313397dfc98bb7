package org.iommusim.sim.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/**
 * Compares a module's rule lists ({@code src/test/resources/rules/*.txt}, see {@link RuleList}) with the {@link Rule}s
 * that its tests name. A module that has such lists has an empty subclass of this among its tests.
 */
public abstract class RuleCoverage {
    @Test
    void shouldTestEveryListedRuleAndNameNoOther() {
        ModuleTests module = new ModuleTests(getClass());
        Path lists = module.root().resolve("rules");
        RuleList rules = new RuleList();
        for (Path file : module.files(lists, ".txt")) {
            rules.add(String.valueOf(file.getFileName()), lines(file));
        }
        assertThat(rules.size()).as("rules in " + lists).isPositive();
        assertThat(rules.problems(tested(module))).isEmpty();
    }

    private static Set<String> tested(ModuleTests module) {
        Set<String> ids = new TreeSet<>();
        for (Class<?> type : module.classes()) {
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

    private static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
