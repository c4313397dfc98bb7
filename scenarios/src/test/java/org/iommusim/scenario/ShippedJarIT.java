package org.iommusim.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The jar that is shipped, and the launcher with a real Java. */
class ShippedJarIT {
    private static final Path JAR = Path.of("target", "iommusim.jar");
    private static final String PROVIDERS = "META-INF/services/org.iommusim.hw.provider.IommuProvider";

    @TempDir
    private Path temporary;

    @Test
    void knowsEveryVendor() throws IOException {
        List<String> registered = new ArrayList<>();
        try (DirectoryStream<Path> vendors = Files.newDirectoryStream(Path.of(".."), "{hw-*,iommufd-model}")) {
            for (Path vendor : vendors) {
                Path providers = vendor.resolve("src/main/resources").resolve(PROVIDERS);
                registered.addAll(Files.exists(providers) ? Files.readAllLines(providers) : List.of());
            }
        }
        assertThat(registered).hasSizeGreaterThan(1);
        try (JarFile jar = new JarFile(JAR.toFile())) {
            byte[] services = jar.getInputStream(jar.getEntry(PROVIDERS)).readAllBytes();
            assertThat(new String(services, StandardCharsets.UTF_8).lines())
                    .containsExactlyInAnyOrderElementsOf(registered);
        }
    }

    @Test
    void holdsNoBenchmarksTestsOrSignatures() throws IOException {
        try (JarFile jar = new JarFile(JAR.toFile());
                Stream<String> names = jar.stream().map(ZipEntry::getName)) {
            assertThat(names)
                    .contains("META-INF/LICENSE", "META-INF/NOTICE.iommusim")
                    .noneMatch(name -> name.startsWith("org/iommusim/bench/"))
                    .noneMatch(name -> name.startsWith("org/openjdk/jmh/"))
                    .noneMatch(name -> name.startsWith("org/junit/"))
                    .noneMatch(name -> name.matches("META-INF/[^/]*\\.(SF|RSA|DSA)"));
        }
    }

    /** The first start makes the class-data archive, the second uses it; neither says so. */
    @Test
    void startsTwiceWithNothingOnStandardError() throws Exception {
        for (int i = 0; i < 2; i++) {
            Path err = temporary.resolve("err");
            ProcessBuilder launcher = new ProcessBuilder(
                    Path.of("..", "iommusim").toAbsolutePath().toString(), "list");
            launcher.environment().put("IOMMUSIM_NO_REBUILD", "1"); // Maven is building right now
            Process process = launcher.directory(temporary.toFile())
                    .redirectError(err.toFile())
                    .start();
            String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor()).isZero();
            assertThat(err).isEmptyFile();
            assertThat(out).contains("scenarios:", "policies:");
        }
    }
}
