package org.iommusim.sim.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** What a class was compiled together with: its module's test classes and resources, and nobody else's. */
final class ModuleTests {
    private final Class<?> member;
    private final Path root;

    ModuleTests(Class<?> member) {
        this.member = member;
        try {
            root = Path.of(
                    member.getProtectionDomain().getCodeSource().getLocation().toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Where all of it is. */
    Path root() {
        return root;
    }

    /** All classes, not initialised. */
    List<Class<?>> classes() {
        return files(root, ".class").stream().<Class<?>>map(this::load).toList();
    }

    private Class<?> load(Path file) {
        String path = root.relativize(file).toString();
        String name = path.substring(0, path.length() - ".class".length())
                .replace('/', '.')
                .replace('\\', '.');
        try {
            return Class.forName(name, false, member.getClassLoader());
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException(e);
        }
    }

    /** All files below a directory whose names end so, in order. */
    List<Path> files(Path directory, String ending) {
        try (Stream<Path> paths = Files.walk(directory)) {
            return paths.filter(p -> p.toString().endsWith(ending)).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
