package org.iommusim.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The rules about files that no compiler holds. A failure lists every place as {@code file:line: the line}. */
class RepositoryTidyTest {
    private static final int LINES_MAX = 500;

    /** Fetched from elsewhere and kept byte for byte. */
    private static final Set<String> FETCHED = Set.of("LICENSE", "mvnw");

    private static final Pattern DATA = Pattern.compile(".*\\.(jsonl|gz|png|ico|jar|min\\.js|min\\.css)");
    private static final Pattern MAIN_JAVA = Pattern.compile("[^/]+/src/main/java/.*\\.java");
    private static final Set<String> NO_SOURCES = Set.of(".git", ".iommusim", ".idea", ".vscode", "target");

    private static final Path ROOT = root();
    private static List<SourceFile> files;

    private record SourceFile(String name, List<String> lines) {
        boolean isJava() {
            return name.endsWith(".java");
        }

        boolean isMainJava() {
            return MAIN_JAVA.matcher(name).matches();
        }

        Stream<String> linesWith(Predicate<String> wrong) {
            List<String> found = new ArrayList<>();
            for (int i = 0; i < lines.size(); i++) {
                if (wrong.test(lines.get(i))) {
                    found.add(name + ":" + (i + 1) + ": " + lines.get(i).strip());
                }
            }
            return found.stream();
        }
    }

    @BeforeAll
    static void read() throws IOException, InterruptedException {
        files = names().stream()
                .filter(name -> !FETCHED.contains(name) && !DATA.matcher(name).matches())
                .filter(name -> Files.isRegularFile(ROOT.resolve(name)))
                .map(RepositoryTidyTest::sourceFile)
                .toList();
        assertThat(files)
                .as("files below %s", ROOT)
                .extracting(SourceFile::name)
                .contains("pom.xml", "iommusim");
    }

    @Test
    void javaHasNoTabs() {
        assertThat(lines(SourceFile::isJava, line -> line.indexOf('\t') >= 0)).isEmpty();
    }

    @Test
    void noLineEndsInASpaceOrACarriageReturn() {
        Pattern trailing = Pattern.compile("[ \t\r]$");
        assertThat(lines(file -> true, trailing.asPredicate())).isEmpty();
    }

    @Test
    void nothingIsMarkedAsUnfinished() {
        Pattern mark = Pattern.compile("\\b(TO" + "DO|FIX" + "ME|X" + "XX)\\b");
        assertThat(lines(file -> true, mark.asPredicate())).isEmpty();
    }

    @Test
    void nothingPointsToADevelopersMachine() {
        Pattern path = Pattern.compile("(?<![\\w.})*])/(home|work|root)/\\w");
        assertThat(lines(file -> true, path.asPredicate())).isEmpty();
    }

    @Test
    void mainFilesAreShort() {
        assertThat(files.stream()
                        .filter(SourceFile::isMainJava)
                        .filter(file -> file.lines.size() > LINES_MAX)
                        .map(file -> file.name + ": " + file.lines.size() + " lines"))
                .as("more than %d lines", LINES_MAX)
                .isEmpty();
    }

    @Test
    void everyMainPackageIsDescribedAndNullMarked() {
        Set<String> packages = new TreeSet<>();
        Set<String> described = new TreeSet<>();
        for (SourceFile file : files) {
            if (file.isMainJava()) {
                String directory = file.name.substring(0, file.name.lastIndexOf('/'));
                packages.add(directory);
                if (file.name.endsWith("/package-info.java")
                        && file.lines.stream().anyMatch(line -> line.endsWith("NullMarked"))) {
                    described.add(directory);
                }
            }
        }
        packages.removeAll(described);
        assertThat(packages)
                .as("packages without a package-info.java that says @NullMarked")
                .isEmpty();
    }

    private static Stream<String> lines(Predicate<SourceFile> of, Predicate<String> wrong) {
        return files.stream().filter(of).flatMap(file -> file.linesWith(wrong));
    }

    private static SourceFile sourceFile(String name) {
        try {
            String text = Files.readString(ROOT.resolve(name));
            return new SourceFile(name, List.of(text.split("\n", -1)));
        } catch (IOException e) {
            throw new UncheckedIOException(name, e);
        }
    }

    /** The directory that Maven calls {@code maven.multiModuleProjectDirectory}: the one with {@code .mvn}. */
    static Path root() {
        Path directory = Path.of("").toAbsolutePath();
        while (!Files.isDirectory(directory.resolve(".mvn"))) {
            directory = directory.getParent();
        }
        return directory;
    }

    /** What git tracks, so that a run's output beside the sources is no failure; in an unpacked archive, every file. */
    private static List<String> names() throws IOException, InterruptedException {
        Process git = new ProcessBuilder("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
                .directory(ROOT.toFile())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        String names = new String(git.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return git.waitFor() == 0 ? List.of(names.split("\0")) : walk();
    }

    private static List<String> walk() throws IOException {
        List<String> names = new ArrayList<>();
        Files.walkFileTree(ROOT, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
                boolean skip = NO_SOURCES.contains(directory.getFileName().toString());
                return skip ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                names.add(ROOT.relativize(file).toString());
                return FileVisitResult.CONTINUE;
            }
        });
        return names;
    }
}
