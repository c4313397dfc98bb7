package org.iommusim.scenario.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import org.iommusim.scenario.cli.TestScenarios;
import org.iommusim.scenario.language.Attachments;
import org.iommusim.scenario.language.ScenarioException;
import org.junit.jupiter.api.Test;

/** Steps by which a host makes a device behind the mock ask and report, and what a VMM does with that. */
class MockDeviceStepsTest {
    private static RunResult run(String iommu, String vmm, String host) {
        String text = """
                {"name": "own", "description": "Own.",
                 "topology": {"memory": {"size": "1GiB"},
                  "iommus": [%s],
                  "root_ports": [{"id": "rp0", "iommu": "iommu0"}],
                  "devices": [{"id": "nic", "port": "rp0", "bdf": "03:00.0"},
                              {"id": "out", "port": "rp0", "bdf": "04:00.0", "plugged": false}]},
                 "actors": [
                  {"id": "vmm", "kind": "vmm", "script": [%s]},
                  {"id": "irq", "kind": "host", "script": [%s]}]}
                """.formatted(iommu, vmm, host);
        return Runner.run(
                TestScenarios.load(text.getBytes(StandardCharsets.UTF_8), Attachments.beside("own.json")),
                RunOptions.DEFAULT);
    }

    private static RunResult onMock(String vmm, String host) {
        return run("{\"id\": \"iommu0\", \"kind\": \"mock\"}", vmm, host);
    }

    @Test
    void shouldAnswerAPageRequestThatUserSpaceHasRead() {
        assertThat(onMock("""
                        {"do": "open_iommufd", "as": "iommufd"},
                        {"do": "open_vfio", "device": "nic", "as": "vfio"},
                        {"do": "VFIO_DEVICE_BIND_IOMMUFD", "vfio": "$vfio", "as": "dev"},
                        {"do": "IOMMU_IOAS_ALLOC", "as": "ioas"},
                        {"do": "IOMMU_FAULT_QUEUE_ALLOC", "as": "queue", "as_fd": "queue_fd"},
                        {"do": "IOMMU_HWPT_ALLOC", "dev": "$dev", "pt": "$ioas", "fault": "$queue", "as": "hwpt"},
                        {"do": "VFIO_DEVICE_ATTACH_IOMMUFD_PT", "vfio": "$vfio", "pt": "$hwpt", "label": "attached"},
                        {"do": "read", "fd": "$queue_fd", "bytes": 40, "after": ["asked"]},
                        {"do": "write", "fd": "$queue_fd", "words": ["0x2"], "errno": "EINVAL"},
                        {"do": "write", "fd": "$queue_fd", "words": ["0x1"]},
                        {"do": "write", "fd": "$queue_fd", "words": ["0x1"], "errno": "EINVAL"}
                        """, """
                        {"do": "page_request", "device": "nic", "group": 1, "errno": "EINVAL"},
                        {"do": "page_request", "device": "nic", "group": 1, "after": ["attached"], "label": "asked"},
                        {"do": "page_request", "device": "out", "group": 1, "errno": "ENODEV"}
                        """).passed()).isTrue();
    }

    @Test
    void shouldReportAnEventToTheViommuThatTheDeviceIsAttachedThrough() {
        assertThat(onMock("""
                        {"do": "open_iommufd", "as": "iommufd"},
                        {"do": "open_vfio", "device": "nic", "as": "vfio"},
                        {"do": "VFIO_DEVICE_BIND_IOMMUFD", "vfio": "$vfio", "as": "dev"},
                        {"do": "IOMMU_IOAS_ALLOC", "as": "ioas"},
                        {"do": "IOMMU_HWPT_ALLOC", "dev": "$dev", "pt": "$ioas", "nest_parent": true, "as": "s2"},
                        {"do": "IOMMU_VIOMMU_ALLOC", "dev": "$dev", "hwpt": "$s2", "as": "viommu"},
                        {"do": "IOMMU_VDEVICE_ALLOC", "viommu": "$viommu", "dev": "$dev", "virt_id": "0x300"},
                        {"do": "IOMMU_HWPT_ALLOC", "dev": "$dev", "pt": "$viommu", "data_type": "0xdead", "data_words": ["0x1"], "as": "nested"},
                        {"do": "VFIO_DEVICE_ATTACH_IOMMUFD_PT", "vfio": "$vfio", "pt": "$nested", "label": "attached"},
                        {"do": "IOMMU_VEVENTQ_ALLOC", "viommu_id": "$viommu", "type": "0xbeefbeef", "veventq_depth": 1, "as_fd": "events", "after": ["without queue"], "label": "queue"},
                        {"do": "read", "fd": "$events", "after": ["reported"]}
                        """.replace("without queue", "unheard"), """
                        {"do": "report_event", "device": "nic", "errno": "ENOENT"},
                        {"do": "report_event", "device": "nic", "errno": "EOPNOTSUPP", "after": ["attached"], "label": "unheard"},
                        {"do": "report_event", "device": "nic", "after": ["queue"], "label": "reported"}
                        """).passed())
                .isTrue();
    }

    @Test
    void shouldMapWhatAViommuOffers() {
        assertThat(onMock("""
                        {"do": "open_iommufd", "as": "iommufd"},
                        {"do": "open_vfio", "device": "nic", "as": "vfio"},
                        {"do": "VFIO_DEVICE_BIND_IOMMUFD", "vfio": "$vfio", "as": "dev"},
                        {"do": "IOMMU_IOAS_ALLOC", "as": "ioas"},
                        {"do": "IOMMU_HWPT_ALLOC", "dev": "$dev", "pt": "$ioas", "nest_parent": true, "as": "s2"},
                        {"do": "mmap", "fd": "$iommufd", "bytes": "8KiB", "offset": "0x1000", "errno": "ENXIO", "as": "nothing"},
                        {"do": "IOMMU_VIOMMU_ALLOC", "dev": "$dev", "hwpt": "$s2", "data_words": ["0x0", "0x0", "0x0"], "as": "viommu"},
                        {"do": "mmap", "fd": "$iommufd", "bytes": "8KiB", "offset": "0x1000", "as": "pages"},
                        {"do": "IOMMU_DESTROY", "id": "$viommu", "errno": "EBUSY"}
                        """, "{\"do\": \"sleep\", \"time\": \"1us\"}").passed())
                .isTrue();
    }

    @Test
    void shouldLeaveDevicesAloneThatAskByThemselves() {
        String smmu = "{\"id\": \"iommu0\", \"kind\": \"smmuv3\", \"preset\": \"mmu-600\"}";
        assertThatThrownBy(() -> run(
                        smmu,
                        "{\"do\": \"open_iommufd\", \"as\": \"iommufd\"}",
                        "{\"do\": \"page_request\", \"device\": \"nic\", \"group\": 1}"))
                .isInstanceOf(ScenarioException.class)
                .hasMessageContaining("only a device behind a mock IOMMU does this when it is told to");
    }
}
