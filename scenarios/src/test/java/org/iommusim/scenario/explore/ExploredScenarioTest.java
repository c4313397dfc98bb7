package org.iommusim.scenario.explore;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.iommusim.scenario.cli.TestScenarios;
import org.iommusim.scenario.language.Attachments;
import org.iommusim.scenario.language.Scenario;
import org.iommusim.sim.explore.Subject;
import org.iommusim.sim.random.RandomStream;
import org.iommusim.sim.random.RandomStreams;
import org.iommusim.sim.trace.TraceSink;
import org.junit.jupiter.api.Test;

class ExploredScenarioTest {
    private static final String SCENARIO = """
            {"name": "two", "description": "Two VMMs.", "kernel": "linux-7.3",
             "topology": {"memory": {"size": "256MiB", "latency": "90ns"},
              "iommus": [{"id": "mock0", "kind": "mock"}],
              "root_ports": [{"id": "rp0", "iommu": "mock0", "link": {"latency": "150ns"}}],
              "devices": [{"id": "nic0", "port": "rp0", "bdf": "03:00.0"}, {"id": "nic1", "port": "rp0", "bdf": "04:00.0"}]},
             "explore": {"from": "ready2", "outcomes": [{"kernel": "linux-7.3", "finds": []}]},
             "actors": [
              {"id": "one", "kind": "vmm", "script": [
                {"do": "open_iommufd", "as": "iommufd"},
                {"do": "open_vfio", "device": "nic0", "as": "vfio"},
                {"do": "VFIO_DEVICE_BIND_IOMMUFD", "vfio": "$vfio", "as": "dev"},
                {"do": "IOMMU_IOAS_ALLOC", "as": "ioas"},
                {"do": "IOMMU_HWPT_ALLOC", "dev": "$dev", "pt": "$ioas", "nest_parent": true, "as": "s2"},
                {"do": "IOMMU_VIOMMU_ALLOC", "dev": "$dev", "hwpt": "$s2", "as": "viommu", "label": "ready1"},
                {"do": "IOMMU_VDEVICE_ALLOC", "after": ["ready1", "ready2"], "viommu": "$viommu", "dev": "$dev", "virt_id": "0x300", "as": "vdev"},
                {"do": "close", "fd": "$vfio"}]},
              {"id": "two", "kind": "vmm", "script": [
                {"do": "open_iommufd", "as": "iommufd"},
                {"do": "open_vfio", "device": "nic1", "as": "vfio"},
                {"do": "VFIO_DEVICE_BIND_IOMMUFD", "vfio": "$vfio", "as": "dev"},
                {"do": "IOMMU_IOAS_ALLOC", "as": "ioas"},
                {"do": "IOMMU_HWPT_ALLOC", "dev": "$dev", "pt": "$ioas", "nest_parent": true, "as": "s2", "after": ["ready1"], "label": "ready2"},
                {"do": "close", "fd": "$vfio"}]}
             ]}
            """;

    private static Scenario load(String text) {
        return TestScenarios.load(text.getBytes(StandardCharsets.UTF_8), Attachments.beside("own.json"));
    }

    private static ExploredScenario instance() {
        return instance(load(SCENARIO));
    }

    private static ExploredScenario instance(Scenario scenario) {
        return ExploredScenario.of(scenario, List.of(), TraceSink.NONE);
    }

    /** Runs a random schedule to its end; the fingerprints on the way. */
    private static List<String> walk(Subject subject, RandomStream random, List<Integer> schedule) {
        List<String> fingerprints = new ArrayList<>();
        int[] lanes = new int[subject.lanes()];
        int at = 0;
        for (int n = subject.enabled(lanes); n > 0; n = subject.enabled(lanes)) {
            int lane = at < schedule.size() ? schedule.get(at) : lanes[random.nextInt(n)];
            if (at++ >= schedule.size()) {
                schedule.add(lane);
            }
            assertThat(subject.step(lane)).as("%s", subject.violations()).isTrue();
            fingerprints.add(subject.fingerprintHigh() + ":" + subject.fingerprintLow());
        }
        assertThat(subject.end()).as("%s", subject.violations()).isTrue();
        return fingerprints;
    }

    @Test
    void shouldUndoAndRepeatAnySchedule() {
        RandomStream random = new RandomStreams(1).split("schedules");
        Subject subject = instance().subject();
        int start = subject.mark();
        for (int round = 0; round < 50; round++) {
            List<Integer> schedule = new ArrayList<>();
            List<String> first = walk(subject, random, schedule);
            subject.undoTo(start);
            assertThat(walk(subject, random, schedule)).isEqualTo(first);
            subject.undoTo(start);
            if (round == 49) {
                assertThat(walk(instance().subject(), random, schedule)).isEqualTo(first);
            }
        }
    }

    /** A vDEVICE is destroyed by its user and by unbind. */
    private static String onHardware() {
        return """
                {"name": "hardware", "description": "Destroyed twice.", "kernel": "linux-7.3",
                 "topology": {"memory": {"size": "1GiB", "latency": "90ns"},
                  "iommus": [{"id": "smmu0", "kind": "smmuv3", "preset": "mmu-600"}],
                  "root_ports": [{"id": "rp0", "iommu": "smmu0", "link": {"latency": "150ns"}}],
                  "devices": [{"id": "nic0", "port": "rp0", "bdf": "03:00.0"}]},
                 "explore": {"from": "ready", "outcomes": [{"kernel": "linux-7.3", "finds": []}]},
                 "actors": [
                  {"id": "one", "kind": "vmm", "script": [
                    {"do": "open_iommufd", "as": "iommufd"},
                    {"do": "open_vfio", "device": "nic0", "as": "vfio"},
                    {"do": "VFIO_DEVICE_BIND_IOMMUFD", "vfio": "$vfio", "as": "dev"},
                    {"do": "IOMMU_IOAS_ALLOC", "as": "ioas"},
                    {"do": "IOMMU_HWPT_ALLOC", "dev": "$dev", "pt": "$ioas", "nest_parent": true, "as": "s2"},
                    {"do": "VFIO_DEVICE_ATTACH_IOMMUFD_PT", "vfio": "$vfio", "pt": "$s2"},
                    {"do": "IOMMU_VIOMMU_ALLOC", "dev": "$dev", "hwpt": "$s2", "as": "viommu"},
                    {"do": "IOMMU_VDEVICE_ALLOC", "viommu": "$viommu", "dev": "$dev", "virt_id": "0x300", "as": "vdev", "label": "ready"},
                    {"do": "close", "fd": "$vfio"}]},
                  {"id": "t2", "kind": "thread", "vmm": "one", "script": [
                    {"do": "IOMMU_DESTROY", "id": "$vdev", "after": ["ready"], "errno": ["0", "ENOENT", "EBUSY"]}]}
                 ]}
                """;
    }

    @Test
    void shouldGoBackInTheMiddleOfATransaction() {
        Subject subject = instance(load(onHardware())).subject();
        RandomStream random = new RandomStreams(2).split("schedules");
        int[] lanes = new int[subject.lanes() + 64];
        for (int n = subject.enabled(lanes); n > 0; n = subject.enabled(lanes)) {
            int mark = subject.mark();
            String before = print(subject);
            for (int ahead = 0; ahead < 5 && n > 0; ahead++) {
                assertThat(subject.step(lanes[random.nextInt(n)])).isTrue();
                n = subject.enabled(lanes);
            }
            String after = print(subject);
            subject.undoTo(mark);
            assertThat(print(subject)).isEqualTo(before).isNotEqualTo(after);
            n = subject.enabled(lanes);
            subject.step(lanes[random.nextInt(n)]);
        }
        assertThat(subject.end()).isTrue();
    }

    private static String print(Subject subject) {
        return subject.fingerprintHigh() + ":" + subject.fingerprintLow();
    }

    @Test
    void shouldGoOnAlikeFromStatesThatLookAlike() {
        for (String text : List.of(
                onHardware(),
                SCENARIO,
                onHardware().replace("smmuv3", "mock").replace(", \"preset\": \"mmu-600\"", ""))) {
            EqualStates search = EqualStates.search(instance(load(text)).subject(), 1_000);
            assertThat(search.differences()).isEmpty();
            assertThat(search.merged()).isGreaterThan(search.states() / 4);
        }
    }
}
