package org.iommusim.scenario.explore;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Supplier;
import org.iommusim.scenario.cli.TestScenarios;
import org.iommusim.scenario.language.Attachments;
import org.iommusim.scenario.language.ExploreSettings.Outcome;
import org.iommusim.scenario.language.Scenario;
import org.iommusim.sim.explore.Bounds;
import org.iommusim.sim.explore.Exploration;
import org.iommusim.sim.explore.ExploreProgress;
import org.iommusim.sim.explore.MirroredSubject;
import org.iommusim.sim.explore.StatefulSearch;
import org.iommusim.sim.explore.Subject;
import org.iommusim.sim.testkit.Orbits;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InterchangeableThreadsTest {
    private static final String SCENARIO = """
            {"name": "alike", "description": "Threads.", "kernel": "linux-7.3",
             "topology": {"memory": {"size": "256MiB", "latency": "90ns"},
              "iommus": [{"id": "mock0", "kind": "mock"}],
              "root_ports": [{"id": "rp0", "iommu": "mock0", "link": {"latency": "150ns"}}],
              "devices": [{"id": "nic0", "port": "rp0", "bdf": "03:00.0"}]},
             "explore": {"from": "ready", "outcomes": [{"kernel": "%s", "finds": []}]},
             "actors": [
              {"id": "vmm", "kind": "vmm", "script": [
                {"do": "open_iommufd", "as": "iommufd"},
                {"do": "IOMMU_IOAS_ALLOC", "as": "a"},
                {"do": "IOMMU_IOAS_ALLOC", "as": "b"},
                {"do": "open_vfio", "device": "nic0", "as": "vfio"},
                {"do": "VFIO_DEVICE_BIND_IOMMUFD", "vfio": "$vfio", "as": "dev", "label": "ready"}]},
              {"id": "t1", "kind": "thread", "vmm": "vmm", "script": [%s]},
              {"id": "t2", "kind": "thread", "vmm": "vmm", "script": [%s]}
             ]}
            """;

    private static final String MADE = """
            "dev"},
                {"do": "IOMMU_HWPT_ALLOC", "dev": "$dev", "pt": "$a", "nest_parent": true, "as": "s2"},
                {"do": "VFIO_DEVICE_ATTACH_IOMMUFD_PT", "vfio": "$vfio", "pt": "$s2"},
                {"do": "IOMMU_VIOMMU_ALLOC", "dev": "$dev", "hwpt": "$s2", "as": "viommu"},
                {"do": "IOMMU_VDEVICE_ALLOC", "viommu": "$viommu", "dev": "$dev", "virt_id": "0x300", "as": "vdev",
                 "label": "ready"}""";

    private static final String DESTROY = "{\"do\": \"IOMMU_DESTROY\", \"id\": \"$%s\", \"after\": [\"ready\"]%s}";

    private static Scenario scenario(String one, String other) {
        String text = String.format(SCENARIO, "linux-7.3", one, other);
        return TestScenarios.load(text.getBytes(StandardCharsets.UTF_8), Attachments.beside("own.json"));
    }

    private static String destroy(String name, String more) {
        return String.format(DESTROY, name, more);
    }

    private static List<String> alike(String one, String other) {
        return InterchangeableThreads.of(scenario(one, other));
    }

    @Test
    void shouldTakeScriptsThatAreTheSame() {
        assertThat(alike(destroy("a", ""), destroy("a", ""))).containsExactly("t1", "t2");
        assertThat(alike(destroy("a", ""), destroy("a", ", \"errno\": [\"EBUSY\"]")))
                .isEmpty();
        assertThat(alike(destroy("a", ""), destroy("a", "") + "," + destroy("b", "")))
                .isEmpty();
        assertThat(alike(destroy("a", ""), "{\"do\": \"IOMMU_IOAS_ALLOC\", \"as\": \"c\", \"after\": [\"ready\"]}"))
                .isEmpty();
    }

    @Test
    void shouldTakeNamesThatOnlyOneThreadUses() {
        assertThat(alike(destroy("a", ""), destroy("b", ""))).containsExactly("t1", "t2");
        assertThat(alike(destroy("a", ", \"label\": \"one\""), destroy("b", ", \"label\": \"two\"")))
                .containsExactly("t1", "t2");
        String make = "{\"do\": \"IOMMU_IOAS_ALLOC\", \"as\": \"%s\", \"after\": [\"ready\"]},";
        assertThat(alike(String.format(make, "c") + destroy("c", ""), String.format(make, "d") + destroy("d", "")))
                .containsExactly("t1", "t2");
        assertThat(alike(String.format(make, "c") + destroy("c", ""), String.format(make, "d") + destroy("a", "")))
                .as("its own against another one")
                .isEmpty();
        assertThat(alike(destroy("a", "") + "," + destroy("b", ""), destroy("b", "") + "," + destroy("a", "")))
                .as("both use both")
                .isEmpty();
        assertThat(alike(destroy("a", ""), destroy("dev", "")))
                .as("not made by the same kind of step")
                .isEmpty();
    }

    private static ExploreResult explore(Scenario scenario, int workers) {
        return ScenarioExplorer.withWorkers(workers)
                .explore(new ExploreSetup(scenario, List.of(), false), ExploreProgress.NONE);
    }

    @Test
    void shouldSayWhichAreInterchangeable() {
        ExploreResult result = explore(scenario(destroy("a", ""), destroy("b", "")), 1);
        assertThat(result.symmetry()).isEqualTo("t1, t2 are interchangeable");
        assertThat(result.exploration().reduction()).isEqualTo(StatefulSearch.SYMMETRY);
        assertThat(result.exploration().exhaustive()).isTrue();
        assertThat(explore(scenario(destroy("a", ""), destroy("b", "")), 4).exploration())
                .isEqualTo(result.exploration());
    }

    /** One is in use and the other one is not. */
    @Test
    void shouldSayThatTheyOnlyLookAlike() {
        String either = ", \"errno\": [\"OK\", \"EBUSY\"]";
        Scenario scenario = TestScenarios.load(
                String.format(SCENARIO, "linux-7.3", destroy("a", either), destroy("b", either))
                        .replace(
                                "\"as\": \"dev\", \"label\"",
                                "\"as\": \"dev\"}, {\"do\": \"IOMMU_HWPT_ALLOC\", \"dev\": \"$dev\", \"pt\": 1,"
                                        + " \"as\": \"hwpt\", \"label\"")
                        .getBytes(StandardCharsets.UTF_8),
                Attachments.beside("own.json"));
        ExploreResult result = explore(scenario, 1);
        assertThat(result.symmetry()).isEqualTo("off: t1, t2 only look interchangeable");
        assertThat(result.exploration().reduction()).isEqualTo(Exploration.NO_REDUCTION);
        assertThat(result.exploration().exhaustive()).isTrue();
        assertThat(explore(scenario, 4).exploration()).isEqualTo(result.exploration());
    }

    /** Its least schedule is that of the search without swaps. */
    @Test
    void shouldSayNothingOfSymmetryWhereSomethingViolates() {
        Scenario scenario = scenario(destroy("a", ", \"errno\": [\"OK\"]"), destroy("a", ", \"errno\": [\"OK\"]"));
        ExploreResult result = explore(scenario, 1);
        assertThat(result.symmetry()).isEmpty();
        assertThat(result.found()).containsExactly("unexpected-errno");
        assertThat(result.choices()).isNotEmpty();
        assertThat(explore(scenario, 4).exploration()).isEqualTo(result.exploration());
    }

    /** What is left of the states is one of each orbit, and whole states go on alike wherever two are joined. */
    @ParameterizedTest
    @CsvSource({"three-destroy-the-same, t1 t2 t3", "each-destroys-its-own, t1 t2"})
    void shouldJoinWholeOrbitsOfBundledScenarios(String name, String threads) {
        Scenario scenario = TestScenarios.bundled(name);
        for (Outcome outcome : scenario.explore().orElseThrow().outcomes()) {
            ExploreSetup setup = ExploreSetup.of(scenario, outcome, false);
            assertThat(InterchangeableThreads.of(setup.scenario())).containsExactly(threads.split(" "));
            Supplier<Subject> subjects = ExploredScenario.subjects(setup, id -> {});
            List<List<String>> lanes = InterchangeableThreads.of(setup.scenario()).stream()
                    .map(thread -> List.of(thread, thread + ScheduleReplay.TIMER))
                    .toList();
            Orbits orbits = Orbits.of(MirroredSubject.of(subjects, lanes));
            assertThat(orbits.differences()).isEmpty();
            Exploration plain = search(false, subjects);
            Exploration swapped = search(true, () -> MirroredSubject.of(subjects, lanes));
            assertThat(plain.states()).isEqualTo(orbits.states());
            assertThat(swapped.states()).isEqualTo(orbits.sizes().size()).isLessThan(plain.states() * 6 / 10);
            assertThat(swapped.estimatedSchedules()).isEqualTo(plain.estimatedSchedules());
            assertThat(swapped.maxDepth()).isEqualTo(plain.maxDepth());
            assertThat(swapped.violated()).isEqualTo(plain.violated()).isFalse();
        }
    }

    /** What hardware keeps in plain fields is swapped as well. */
    @Test
    void shouldSwapThreadsThatShareHardware() {
        String destroy = destroy("vdev", ", \"errno\": [\"OK\", \"ENOENT\", \"EBUSY\"]");
        Scenario scenario = TestScenarios.load(
                String.format(SCENARIO, "linux-7.3", destroy, destroy)
                        .replace("mock0", "smmu0")
                        .replace("\"mock\"", "\"smmuv3\", \"preset\": \"mmu-600\"")
                        .replace("\"dev\", \"label\": \"ready\"}", MADE)
                        .getBytes(StandardCharsets.UTF_8),
                Attachments.beside("own.json"));
        ExploreResult result = explore(scenario, 1);
        Exploration plain =
                search(false, ExploredScenario.subjects(new ExploreSetup(scenario, List.of(), false), id -> {}));
        assertThat(result.symmetry()).isEqualTo("t1, t2 are interchangeable");
        assertThat(result.exploration().states()).isBetween(plain.states() / 2, plain.states() * 6 / 10);
        assertThat(result.exploration().estimatedSchedules()).isEqualTo(plain.estimatedSchedules());
    }

    private static Exploration search(boolean symmetry, Supplier<? extends Subject> subjects) {
        return StatefulSearch.onAllCores()
                .withWorkers(1)
                .withSymmetry(symmetry)
                .explore(subjects, Bounds.unlimited(), ExploreProgress.NONE);
    }
}
