package org.iommusim.scenario.conform.iommufd;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The operations that are no ioctl, and what each is given. */
final class Helpers {
    private static final Map<String, List<String>> GIVEN = given();

    private Helpers() {}

    /** What a helper is given; {@code null} if there is no such helper. */
    static @Nullable List<String> given(String op) {
        return GIVEN.get(op);
    }

    /** All helpers. */
    static List<String> names() {
        return List.copyOf(GIVEN.keySet());
    }

    private static Map<String, List<String>> given() {
        Map<String, List<String>> all = new LinkedHashMap<>();
        all.put("X_OPEN", List.of());
        all.put("X_CLOSE", List.of("fd"));
        all.put("X_DUP", List.of("fd"));
        all.put("X_READ", List.of("fd", "len", "_ptr"));
        all.put("X_WRITE", List.of("fd", "len", "hex", "responses", "_ptr"));
        all.put("X_POLL", List.of("fd"));
        all.put("X_MMAP", List.of("fd", "offset", "length", "private", "exec"));
        all.put("X_MUNMAP", List.of("addr", "length"));
        all.put("X_FILL", List.of("at", "len", "seed"));
        all.put("X_PEEK", List.of("at", "len"));
        all.put("X_MEMFD", List.of("len"));
        all.put("X_SETUID", List.of("uid"));
        all.put("X_RLIMIT_MEMLOCK", List.of("bytes"));
        all.put("X_UNMAP_VA", List.of("at", "len"));
        all.put("X_FORK", List.of());
        all.put("X_JOIN", List.of());
        all.put("X_DUMP_IOTLB", List.of("id"));
        all.put("X_DUMP_CACHE", List.of("id"));
        return Collections.unmodifiableMap(all);
    }
}
