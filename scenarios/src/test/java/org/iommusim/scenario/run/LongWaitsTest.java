package org.iommusim.scenario.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.iommusim.scenario.cli.TestScenarios;
import org.iommusim.scenario.language.Scenario;
import org.iommusim.scenario.run.TimelineEntry.Change;
import org.iommusim.scenario.run.TimelineEntry.Step;
import org.junit.jupiter.api.Test;

/** The timeline says who waited long, for what and for whom. */
class LongWaitsTest {
    private static final String HOLDER = """
            {"name": "held", "description": "Close waits for a lock over a page fault.",
             "topology": {"iommus": [{"id": "mock0", "kind": "mock"}],
               "root_ports": [{"id": "rp0", "iommu": "mock0"}],
               "devices": [{"id": "nic", "port": "rp0", "bdf": "03:00.0"}]},
             "actors": [
               {"id": "vmm", "kind": "vmm", "script": [
                 {"do": "open_iommufd", "as": "iommufd"},
                 {"do": "open_vfio", "device": "nic", "as": "vfio"},
                 {"do": "VFIO_DEVICE_BIND_IOMMUFD", "vfio": "$vfio", "as": "dev"},
                 {"do": "IOMMU_IOAS_ALLOC", "as": "ioas"},
                 {"do": "IOMMU_HWPT_ALLOC", "dev": "$dev", "pt": "$ioas", "nest_parent": true, "as": "s2"},
                 {"do": "IOMMU_VIOMMU_ALLOC", "dev": "$dev", "hwpt": "$s2", "as": "viommu", "label": "ready"},
                 {"do": "sleep", "time": "5ms"},
                 {"do": "close", "fd": "$vfio"}]},
               {"id": "t2", "kind": "thread", "vmm": "vmm", "script": [
                 {"do": "IOMMU_VDEVICE_ALLOC", "viommu": "$viommu", "dev": "$dev", "virt_id": 8,
                  "user_fault": "FAULT", "after": ["ready"]}]}]}
            """;

    private static List<String> underClose(Scenario scenario) {
        return Runner.run(scenario, RunOptions.DEFAULT).timeline().stream()
                .filter(Step.class::isInstance)
                .map(Step.class::cast)
                .filter(step -> step.verb().equals("close"))
                .flatMap(step -> step.changes().stream())
                .map(Change::change)
                .filter(change -> change.startsWith("waited"))
                .toList();
    }

    private static Scenario held(String time) {
        byte[] text = HOLDER.replace("FAULT", time).getBytes(StandardCharsets.UTF_8);
        return TestScenarios.load(text, name -> {
            throw new IOException(name);
        });
    }

    @Test
    void shouldTellWhoseWakeUpWasLost() {
        assertThat(underClose(TestScenarios.bundled("lost-wakeup")))
                .singleElement()
                .asString()
                .startsWith("waited 60.000 s for wait queue vmm.iommufd destroy_wait in 'wait until wait_cnt is 0'")
                .contains("until its timer ended it; the wake-up of t2 at 1.000 s passed it over");
    }

    @Test
    void shouldTellWhoHeldALock() {
        assertThat(underClose(held("20ms")))
                .singleElement()
                .asString()
                .matches("waited 1[45]\\.[0-9]+ ms for lock igroup->lock, which t2 held");
    }

    @Test
    void shouldNotTellOfShortWaitsNorOfStepsThatAreThereToWait() {
        assertThat(underClose(held("5.5ms"))).isEmpty();
        List<Step> steps = Runner.run(held("20ms"), RunOptions.DEFAULT).timeline().stream()
                .filter(Step.class::isInstance)
                .map(Step.class::cast)
                .filter(step -> step.verb().equals("sleep"))
                .toList();
        assertThat(steps)
                .singleElement()
                .satisfies(step -> assertThat(step.changes()).isEmpty());
    }
}
