package org.iommusim.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The script {@code iommusim} in a small repository of its own, with a Java and a Maven that only write down how they
 * were called.
 */
@Timeout(60)
class LauncherTest {
    /** Writes its arguments to {@code java.log}, dumps an archive when asked to, and ends as the argument exit=N says. */
    private static final String JAVA = """
            #!/bin/sh
            echo "$*" >>"$LOGS/java.log"
            for word; do
              case $word in
                -Xshare:dump) dump=yes ;;
                -XX:SharedArchiveFile=*) archive=${word#*=} ;;
                exit=*) status=${word#*=} ;;
              esac
            done
            if [ -n "$dump" ]; then [ -n "$NO_ARCHIVE" ] || echo classes >"$archive"; exit 0; fi
            echo "bundled-scenario  the first one"
            exit ${status:-0}
            """;

    private static final String MAVEN = """
            #!/bin/sh
            echo "$*" >>"$LOGS/maven.log"
            sleep 0.2
            [ -z "$EDIT" ] || touch "$EDIT"
            [ -z "$NO_BUILD" ] || { echo "[ERROR] cannot compile"; exit 1; }
            mkdir -p scenarios/target
            echo jar >scenarios/target/iommusim.jar
            """;

    @TempDir
    private Path temporary;

    private Path repository;
    private Path logs;
    private Path jdk;

    private record Result(int status, String out, String err) {}

    @BeforeEach
    void repository() throws IOException {
        repository = Files.createDirectories(temporary.resolve("a repository"));
        logs = Files.createDirectories(temporary.resolve("logs"));
        jdk = temporary.resolve("jdk");
        Path launcher = Path.of("..", "iommusim");
        Files.copy(launcher, repository.resolve("iommusim")).toFile().setExecutable(true);
        for (String source :
                List.of("pom.xml", "LICENSE", "NOTICE", "scenarios/pom.xml", "scenarios/src/main/A.java")) {
            file(repository.resolve(source), "source");
        }
        program(jdk.resolve("bin/java"), JAVA);
        program(jdk.resolve("bin/javac"), "#!/bin/sh\n");
        program(temporary.resolve("bin/mvn"), MAVEN);
        file(jdk.resolve("release"), "IMPLEMENTOR=\"Some vendor\"\nJAVA_VERSION=\"17.0.1\"\n");
    }

    @Test
    void buildsOnFirstUseAndThenRuns() throws Exception {
        Result first = launch("run", "a scenario", "exit=3");
        assertThat(first.status).isEqualTo(3);
        assertThat(first.out).isEqualTo("bundled-scenario  the first one\n");
        assertThat(first.err).startsWith("iommusim: building").hasLineCount(1);
        assertThat(lastStart()).endsWith("scenarios/target/iommusim.jar run a scenario exit=3");

        Result second = launch("list");
        assertThat(second.status).isZero();
        assertThat(second.err).isEmpty();
        assertThat(log("maven")).hasSize(1);
    }

    @Test
    void buildsAgainWhenASourceIsNewer() throws Exception {
        launch();
        changeLater("scenarios/src/main/A.java");
        launch(Map.of("IOMMUSIM_NO_REBUILD", "1"));
        assertThat(log("maven")).hasSize(1);
        launch();
        assertThat(log("maven")).hasSize(2);
    }

    @Test
    void buildsAgainWhenASourceIsGone() throws Exception {
        launch();
        Files.delete(repository.resolve("scenarios/src/main/A.java"));
        changeLater("scenarios/src/main");
        launch();
        assertThat(log("maven")).hasSize(2);
    }

    @Test
    void buildsAgainWhenASourceChangedDuringTheBuild() throws Exception {
        launch(Map.of("EDIT", "scenarios/src/main/A.java"));
        launch();
        assertThat(log("maven")).hasSize(2);
    }

    @Test
    void runsNothingWhenTheBuildFails() throws Exception {
        Result result = launch(Map.of("NO_BUILD", "1"), "list");
        Path log = repository.toRealPath().resolve(".iommusim/build.log");
        assertThat(result.status).isEqualTo(2);
        assertThat(result.out).isEmpty();
        assertThat(result.err).hasLineCount(2).endsWith("iommusim: the build failed, see " + log + "\n");
        assertThat(log).content().contains("cannot compile");
        assertThat(log("java")).isEmpty();
    }

    @Test
    void buildsOnceForTwoFirstCommandsAtTheSameTime() throws Exception {
        Process one = start(repository, Map.of(), "./iommusim", "list");
        Process two = start(repository, Map.of(), "./iommusim", "list");
        assertThat(finish(one).status).isZero();
        assertThat(finish(two).status).isZero();
        assertThat(log("maven")).hasSize(1);
    }

    @Test
    void worksThroughLinksFromAnotherDirectory() throws Exception {
        Path links = Files.createDirectories(temporary.resolve("some links"));
        Files.createSymbolicLink(links.resolve("relative"), Path.of("../a repository/iommusim"));
        Files.createSymbolicLink(links.resolve("absolute"), links.resolve("relative"));
        assertThat(finish(start(temporary, Map.of(), "some links/absolute", "list")).status)
                .isZero();
        assertThat(lastStart()).contains("-jar " + repository.toRealPath() + "/scenarios/target/iommusim.jar");
    }

    @Test
    void refusesAnOlderJavaInOneLine() throws Exception {
        file(jdk.resolve("release"), "JAVA_VERSION=\"1.8.0_400\"\n");
        Result result = launch("list");
        assertThat(result.status).isEqualTo(2);
        assertThat(result.err).isEqualTo("iommusim: needs Java 17 or newer, but " + jdk + "/bin/java is 1.8.0_400\n");
        assertThat(log("maven")).isEmpty();
    }

    @Test
    void archivesTheClassesOfEveryJavaOnce() throws Exception {
        launch("list");
        launch("list");
        assertThat(log("java"))
                .filteredOn(call -> call.contains("-Xshare:dump"))
                .hasSize(1);
        assertThat(lastStart()).contains("-XX:SharedArchiveFile=", "classes-Some_vendor-17.0.1-");
        assertThat(log("java")).anyMatch(call -> call.endsWith("validate bundled-scenario"));

        file(jdk.resolve("release"), "IMPLEMENTOR=\"Some vendor\"\nJAVA_VERSION=\"25.0.3\"\n");
        launch("list");
        assertThat(log("java"))
                .filteredOn(call -> call.contains("-Xshare:dump"))
                .hasSize(2);
        assertThat(lastStart()).contains("classes-Some_vendor-25.0.3-");
    }

    @Test
    void doesWithoutAnArchiveThatCannotBeMade() throws Exception {
        for (int i = 0; i < 2; i++) {
            Result result = launch(Map.of("NO_ARCHIVE", "1"), "list");
            assertThat(result.status).isZero();
            assertThat(result.err).hasLineCount(1 - i);
            assertThat(lastStart()).doesNotContain("SharedArchiveFile");
        }
        assertThat(log("java"))
                .filteredOn(call -> call.contains("-Xshare:dump"))
                .hasSize(1);
    }

    @Test
    void keepsTheSecondCompilerForLongCommandsOnly() throws Exception {
        for (String shortCommand : List.of("list", "validate", "--version", "run --help")) {
            launch(shortCommand.split(" "));
            assertThat(lastStart()).contains("-XX:TieredStopAtLevel=1");
        }
        for (String longCommand : List.of("run", "explore", "check", "conform")) {
            launch(longCommand);
            assertThat(lastStart()).doesNotContain("TieredStopAtLevel");
        }
    }

    @Test
    void passesOptionsOfTheUserToTheJvm() throws Exception {
        file(repository.resolve("-Dpattern=x"), "what the pattern would become");
        launch(Map.of("JAVA_OPTS", "-Xmx1g  -Dpattern=*", "IOMMUSIM_JAVA_OPTS", "-XX:+UseParallelGC"), "list");
        assertThat(lastStart())
                .contains(" -Xmx1g -Dpattern=* -XX:+UseParallelGC -jar ")
                .doesNotContain("SerialGC");
    }

    private Result launch(String... arguments) throws Exception {
        return launch(Map.of(), arguments);
    }

    private Result launch(Map<String, String> environment, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of("./iommusim"));
        command.addAll(Arrays.asList(arguments));
        return finish(start(repository, environment, command.toArray(String[]::new)));
    }

    private Process start(Path directory, Map<String, String> environment, String... command) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toFile());
        Map<String, String> all = builder.environment();
        all.keySet().removeIf(name -> name.startsWith("IOMMUSIM") || name.startsWith("JAVA"));
        all.put("JAVA_HOME", jdk.toString());
        all.put("PATH", temporary.resolve("bin") + ":" + all.get("PATH"));
        all.put("LOGS", logs.toString());
        all.putAll(environment);
        return builder.start();
    }

    private static Result finish(Process process) throws Exception {
        process.getOutputStream().close();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        String err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Result(process.waitFor(), out, err);
    }

    private String lastStart() throws IOException {
        List<String> calls = log("java");
        return calls.get(calls.size() - 1);
    }

    private List<String> log(String program) throws IOException {
        Path log = logs.resolve(program + ".log");
        return Files.exists(log) ? Files.readAllLines(log) : List.of();
    }

    private void changeLater(String source) throws IOException {
        Files.setLastModifiedTime(
                repository.resolve(source), FileTime.from(Instant.now().plusSeconds(1)));
    }

    private static void program(Path path, String text) throws IOException {
        file(path, text);
        path.toFile().setExecutable(true);
    }

    private static void file(Path path, String text) throws IOException {
        Files.createDirectories(path.getParent());
        Files.writeString(path, text);
        Files.setLastModifiedTime(path, FileTime.from(Instant.now().minusSeconds(60)));
        Files.setLastModifiedTime(path.getParent(), FileTime.from(Instant.now().minusSeconds(60)));
    }
}
