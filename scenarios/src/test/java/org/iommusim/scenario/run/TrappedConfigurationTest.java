package org.iommusim.scenario.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.iommusim.scenario.cli.TestScenarios;
import org.iommusim.scenario.language.Attachments;
import org.junit.jupiter.api.Test;

/** A VMM that follows what its guest's configuration entry says, and the check of devices that pass their guest's stage 1. */
class TrappedConfigurationTest {
    private static final String VMM = """
            {"do": "open_iommufd", "as": "iommufd"},
            {"do": "mmap", "bytes": "256KiB", "as": "ram"},
            {"do": "memslot", "gpa": "0x40000000", "va": "$ram", "bytes": "256KiB"},
            {"do": "open_vfio", "device": "nic", "as": "vfio"},
            {"do": "VFIO_DEVICE_BIND_IOMMUFD", "vfio": "$vfio", "as": "dev"},
            {"do": "IOMMU_IOAS_ALLOC", "as": "ioas"},
            {"do": "IOMMU_IOAS_MAP", "ioas": "$ioas", "va": "$ram", "bytes": "256KiB", "iova": "0x40000000"},
            {"do": "IOMMU_HWPT_ALLOC", "dev": "$dev", "pt": "$ioas", "nest_parent": true, "as": "s2"},
            {"do": "IOMMU_VIOMMU_ALLOC", "dev": "$dev", "hwpt": "$s2", "as": "viommu"},
            {"do": "IOMMU_HWPT_ALLOC", "dev": "$dev", "pt": "$viommu", "data_type": 2, "data_words": ["0x1", "0x0"], "as": "abort"},
            {"do": "IOMMU_HWPT_ALLOC", "dev": "$dev", "pt": "$viommu", "data_type": 2, "data_words": ["0x9", "0x0"], "as": "bypass"},
            {"do": "IOMMU_VDEVICE_ALLOC", "viommu": "$viommu", "dev": "$dev", "virt_id": "0x300"},
            {"do": "VFIO_DEVICE_ATTACH_IOMMUFD_PT", "vfio": "$vfio", "pt": "$s2"},
            {"do": "vcpu_trap_invalidations", "viommu": "$viommu"},
            {"do": "vcpu_trap_configuration", "virt_id": "0x300", "vfio": "$vfio", "dev": "$dev", "viommu": "$viommu", "abort": "$abort", "bypass": "$bypass", "label": "ready"}
            """;

    private static RunResult run(String more, String guest, String expect) {
        String text = """
                {"name": "own", "description": "Own.",
                 "topology": {"memory": {"size": "1GiB"},
                  "iommus": [{"id": "smmu0", "kind": "smmuv3"}],
                  "root_ports": [{"id": "rp0", "iommu": "smmu0"}],
                  "devices": [{"id": "nic", "port": "rp0", "bdf": "03:00.0"}],
                  "traffic": [{"id": "a", "device": "nic", "window_base": "0x40010000", "window": "4KiB", "count": 4, "outstanding": 1},
                              {"id": "b", "device": "nic", "window_base": "0x40010000", "window": "4KiB", "count": 4, "outstanding": 1}]},
                 "actors": [
                  {"id": "vmm", "kind": "vmm", "script": [%s%s]},
                  {"id": "guest", "kind": "guest", "vmm": "vmm", "script": [%s]}],
                 "expect": [%s]}
                """.formatted(VMM, more, guest, expect);
        return Runner.run(
                TestScenarios.load(text.getBytes(StandardCharsets.UTF_8), Attachments.beside("own.json")),
                RunOptions.DEFAULT);
    }

    @Test
    void shouldLetADeviceDoNothingBeforeItsGuestHasAnEntry() {
        assertThat(run("", """
                        {"do": "set_bus_master", "device": "nic", "after": ["ready"]},
                        {"do": "start_traffic", "traffic": "a"},
                        {"do": "wait_traffic", "traffic": "a"}
                        """, """
                        {"dma": {"traffic": "a", "outcome": "ABORT", "count": 4}},
                        {"violations": 0}
                        """).passed()).isTrue();
    }

    @Test
    void shouldFollowEachEntryOfTheGuest() {
        assertThat(run("", """
                        {"do": "bind_driver", "virt_id": "0x300", "after": ["ready"]},
                        {"do": "map", "virt_id": "0x300", "iova": "0x40010000", "gpa": "0x40020000", "bytes": "4KiB"},
                        {"do": "set_bus_master", "device": "nic"},
                        {"do": "start_traffic", "traffic": "a"},
                        {"do": "wait_traffic", "traffic": "a"},
                        {"do": "rebind_driver", "virt_id": "0x300"},
                        {"do": "start_traffic", "traffic": "b"},
                        {"do": "wait_traffic", "traffic": "b"},
                        {"do": "unbind_driver", "virt_id": "0x300"}
                        """, """
                        {"dma": {"traffic": "a", "outcome": "OK", "count": 4}},
                        {"dma": {"traffic": "b", "outcome": "FAULT", "count": 4}, "comment": "The new tables are empty."},
                        {"object": {"type": "HWPT_NESTED", "count": 2, "state": "live"}, "comment": "Those that abort and bypass."},
                        {"violations": 0}
                        """).passed()).isTrue();
    }

    /** A VMM that attaches the device otherwise, behind the back of its own trap. */
    @Test
    void shouldReportADeviceThatPassesTheStage1OfItsGuest() {
        RunResult result = run("""
                        , {"do": "VFIO_DEVICE_ATTACH_IOMMUFD_PT", "vfio": "$vfio", "pt": "$s2", "after": ["unbound"], "label": "bare"}
                        """, """
                        {"do": "bind_driver", "virt_id": "0x300", "after": ["ready"]},
                        {"do": "unbind_driver", "virt_id": "0x300", "label": "unbound"},
                        {"do": "set_bus_master", "device": "nic", "after": ["bare"]},
                        {"do": "start_traffic", "traffic": "a"},
                        {"do": "wait_traffic", "traffic": "a"}
                        """, "{\"violations\": 4}");
        assertThat(result.passed()).isTrue();
        assertThat(result.violations())
                .allMatch(violation -> violation.checker().equals("guest-bypass"))
                .allMatch(
                        violation -> violation
                                .message()
                                .contains(
                                        "nic reaches guest memory without the stage 1 of guest, whose entry for 0x300 says UNREACHABLE"));
    }
}
