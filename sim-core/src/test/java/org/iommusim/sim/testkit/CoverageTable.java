package org.iommusim.sim.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * Keeps a page true that says which test shows what: every test that it names ({@code `SomeTest`}, {@code
 * `SomeTest.shouldDoIt`}) is one of this module's. A module that has such a page has a subclass of this among its tests.
 */
public abstract class CoverageTable {
    private static final Pattern NAME = Pattern.compile("`([A-Z]\\w*Test)(?:\\.(should\\w+))?`");

    private final Path page;
    private final int least;

    /**
     * Makes one.
     *
     * @param page name of the page in {@code docs}
     * @param least more tests than so many are named there
     */
    protected CoverageTable(String page, int least) {
        this.page = Path.of("..", "docs", page);
        this.least = least;
    }

    @Test
    void shouldNameOnlyTestsThatExist() throws IOException {
        Map<String, Class<?>> tests = tests();
        List<String> unknown = new ArrayList<>();
        int named = 0;
        Matcher matcher = NAME.matcher(Files.readString(page));
        while (matcher.find()) {
            named++;
            Class<?> type = tests.get(matcher.group(1));
            String method = matcher.group(2);
            if (type == null || method != null && !has(type, method)) {
                unknown.add(matcher.group());
            }
        }
        assertThat(unknown).isEmpty();
        assertThat(named).isGreaterThan(least);
    }

    private static boolean has(Class<?> type, String method) {
        return Arrays.stream(type.getDeclaredMethods())
                .anyMatch(m -> m.getName().equals(method));
    }

    private Map<String, Class<?>> tests() {
        Map<String, Class<?>> found = new TreeMap<>();
        for (Class<?> type : new ModuleTests(getClass()).classes()) {
            found.put(type.getSimpleName(), type);
        }
        return found;
    }
}
