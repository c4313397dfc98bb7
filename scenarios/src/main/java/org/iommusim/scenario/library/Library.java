package org.iommusim.scenario.library;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.iommusim.scenario.language.Attachments;
import org.iommusim.scenario.language.ScenarioException;

/** Finds scenarios by path or bundled name. */
public final class Library {
    private static final String DIRECTORY = "/scenarios/";
    private static final String COUNTEREXAMPLES = "counterexamples/";
    private static final long BYTES_MAX = 64L << 20;

    private Library() {}

    /**
     * A bundled scenario.
     *
     * @param name by which it can be run
     * @param summary one line
     */
    public record Entry(String name, String summary) {}

    /** All bundled scenarios, in the order in which a newcomer may want to meet them. */
    public static List<Entry> bundled() {
        List<Entry> entries = new ArrayList<>();
        String index = new String(resource("index"), StandardCharsets.UTF_8);
        for (String line : index.split("\n", -1)) {
            int space = line.indexOf(' ');
            if (space > 0 && line.charAt(0) != '#') {
                entries.add(new Entry(
                        line.substring(0, space), line.substring(space).strip()));
            }
        }
        return entries;
    }

    /** Names of the bundled counterexamples, each a scenario's name, a kernel, and its known bugs. */
    public static List<String> counterexamples() {
        String index = new String(resource(COUNTEREXAMPLES + "index"), StandardCharsets.UTF_8);
        return index.lines().toList();
    }

    /**
     * Reads a scenario or a counterexample.
     *
     * @param name a path, or a bundled name; a file of that name goes first
     * @throws ScenarioException if there is no such file, or it cannot be read
     */
    public static ScenarioSource find(String name) {
        Path path = path(name);
        if (Files.isRegularFile(path) || Files.exists(path) && !Files.isDirectory(path)) {
            return new ScenarioSource(name, read(name, path), Attachments.beside(name));
        }
        if (bundled().stream().anyMatch(entry -> entry.name().equals(name))) {
            return new ScenarioSource(name, resource(name + ".json"), Library::attachment);
        }
        if (counterexamples().contains(name)) {
            return new ScenarioSource(name, resource(COUNTEREXAMPLES + name + ".json"), Library::attachment);
        }
        String what = Files.isDirectory(path) ? "found a directory" : "found no such file";
        String names = bundled().stream().map(Entry::name).collect(Collectors.joining(", "));
        throw new ScenarioException(name, "", what, "expected a scenario's file, or one of the bundled: " + names);
    }

    private static Path path(String name) {
        try {
            return Path.of(name);
        } catch (InvalidPathException e) {
            throw new ScenarioException(
                    name.replaceAll("\\p{Cntrl}", "?"), "", "found a name that no file can have", "expected a path");
        }
    }

    private static byte[] read(String name, Path path) {
        try {
            if (Files.isRegularFile(path) && Files.size(path) > BYTES_MAX) {
                throw new ScenarioException(
                        name, "", "found " + (Files.size(path) >> 20) + " MiB", "expected at most 64 MiB");
            }
            return Files.readAllBytes(path);
        } catch (IOException e) {
            String why = Files.isReadable(path) ? "that cannot be read" : "without permission to read it";
            throw new ScenarioException(name, "", "found a file " + why, "expected a scenario's file");
        }
    }

    private static InputStream attachment(String name) throws IOException {
        InputStream in = Library.class.getResourceAsStream(DIRECTORY + name);
        if (in == null) {
            throw new IOException(name);
        }
        return in;
    }

    private static byte[] resource(String name) {
        try (InputStream in = Library.class.getResourceAsStream(DIRECTORY + name)) {
            if (in == null) {
                throw new IllegalStateException("the jar has no " + DIRECTORY + name);
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
