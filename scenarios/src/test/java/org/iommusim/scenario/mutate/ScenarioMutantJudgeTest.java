package org.iommusim.scenario.mutate;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.iommusim.iommufd.kernels.Kernels;
import org.iommusim.iommufd.policy.LifecyclePolicy;
import org.iommusim.scenario.cli.TestScenarios;
import org.iommusim.scenario.language.Attachments;
import org.iommusim.scenario.language.Scenario;
import org.iommusim.sim.mutate.Mutant;
import org.iommusim.sim.program.ProgramPatch;
import org.junit.jupiter.api.Test;

class ScenarioMutantJudgeTest {
    /** A vDEVICE is destroyed by its user and by unbind. */
    private static final String DESTROYED_TWICE = """
            {"name": "destroyed-twice", "description": "Destroyed twice.", "kernel": "linux-7.3",
             "topology": {"memory": {"size": "256MiB", "latency": "90ns"},
              "iommus": [{"id": "mock0", "kind": "mock"}],
              "root_ports": [{"id": "rp0", "iommu": "mock0", "link": {"latency": "150ns"}}],
              "devices": [{"id": "nic0", "port": "rp0", "bdf": "03:00.0"}]},
             "explore": {"from": "ready", "outcomes": [{"kernel": "linux-7.3", "finds": []}]},
             "actors": [
              {"id": "one", "kind": "vmm", "script": [
                {"do": "open_iommufd", "as": "iommufd"},
                {"do": "open_vfio", "device": "nic0", "as": "vfio"},
                {"do": "VFIO_DEVICE_BIND_IOMMUFD", "vfio": "$vfio", "as": "dev"},
                {"do": "IOMMU_IOAS_ALLOC", "as": "ioas"},
                {"do": "IOMMU_HWPT_ALLOC", "dev": "$dev", "pt": "$ioas", "nest_parent": true, "as": "s2"},
                {"do": "IOMMU_VIOMMU_ALLOC", "dev": "$dev", "hwpt": "$s2", "as": "viommu"},
                {"do": "IOMMU_VDEVICE_ALLOC", "viommu": "$viommu", "dev": "$dev", "virt_id": "0x300", "as": "vdev", "label": "ready"},
                {"do": "close", "fd": "$vfio"}]},
              {"id": "t2", "kind": "thread", "vmm": "one", "script": [
                {"do": "IOMMU_DESTROY", "id": "$vdev", "after": ["ready"], "errno": ["0", "ENOENT", "EBUSY"]}]}
             ]}
            """;

    private static final Scenario SCENARIO =
            TestScenarios.load(DESTROYED_TWICE.getBytes(StandardCharsets.UTF_8), Attachments.beside("own.json"));
    private static final ScenarioMutantJudge JUDGE =
            ScenarioMutantJudge.of(List.of(SCENARIO), Kernels.LINUX_7_3.programsOnPaths(), 1_000_000);

    private static ProgramPatch mutant(String id) {
        return mutant(Kernels.LINUX_7_3, id);
    }

    private static ProgramPatch mutant(LifecyclePolicy policy, String id) {
        return PolicyMutants.of(policy).stream()
                .filter(mutant -> mutant.id().equals(id))
                .map(Mutant::patch)
                .findFirst()
                .orElseThrow();
    }

    private static MutantVerdict judge(String id) {
        return JUDGE.judge(mutant(id));
    }

    @Test
    void shouldKillWhatAnUnbindCannotDoWithout() {
        assertThat(judge("iommufd_device_pre_destroy: drop lock igroup->lock").by())
                .isEqualTo("destroyed-twice: use-after-free");
        // Without another task in between: the device keeps a reference that nobody holds.
        assertThat(judge("iommufd_vdevice_destroy: drop call iommufd_put_object idev")
                        .by())
                .isEqualTo("destroyed-twice: references");
    }

    @Test
    void shouldKillAKernelThatFollowsAPointerThatNobodySet() {
        assertThat(judge("IOMMU_VDEVICE_ALLOC: drop get idev").by()).isEqualTo("destroyed-twice: oops");
    }

    @Test
    void shouldLetSurviveWhatItNeverNeeds() {
        assertThat(judge("IOMMU_VDEVICE_ALLOC: drop check same physical IOMMU"))
                .isEqualTo(MutantVerdict.survived("1 of 1 scenarios explored exhaustively", true));
    }

    @Test
    void shouldKnowNothingOfWhatItNeverRuns() {
        assertThat(judge("iommufd_object_abort_and_destroy: drop call abort")).isEqualTo(MutantVerdict.notReached());
    }

    @Test
    void shouldNotKillByWhatTheKernelDoesAnyhow() {
        LifecyclePolicy literal = Kernels.find("v5-review-literal").orElseThrow();
        ScenarioMutantJudge judge = ScenarioMutantJudge.of(
                List.of(SCENARIO.withKernel("v5-review-literal")), literal.programsOnPaths(), 1_000_000);
        assertThat(judge.description()).isEqualTo("destroyed-twice; at most 1000000 states");
        assertThat(judge.judge(mutant(literal, "IOMMU_VDEVICE_ALLOC: drop check same physical IOMMU"))
                        .outcome())
                .isEqualTo(MutantVerdict.Outcome.SURVIVED);
        assertThat(judge.judge(mutant(literal, "iommufd_put_object: drop wait_cnt--"))
                        .outcome())
                .isEqualTo(MutantVerdict.Outcome.KILLED);
    }

    @Test
    void shouldSayThatNobodyJudges() {
        assertThat(ScenarioMutantJudge.of(List.of(), List.of(), 10).description())
                .isEqualTo("nobody; at most 10 states");
    }

    @Test
    void shouldNotCallExhaustiveWhatHadTooManyStates() {
        ScenarioMutantJudge hasty = ScenarioMutantJudge.of(List.of(SCENARIO), Kernels.LINUX_7_3.programsOnPaths(), 10);
        assertThat(hasty.judge(mutant("IOMMU_VDEVICE_ALLOC: drop check same physical IOMMU")))
                .isEqualTo(MutantVerdict.survived("0 of 1 scenarios explored exhaustively", false));
    }

    @Test
    void shouldJudgeAKernelAlikeOnAnyNumberOfThreads() {
        List<Mutant> some = PolicyMutants.of(Kernels.LINUX_7_3).subList(52, 92);
        assertThat(campaign(some, 3)).isEqualTo(campaign(some, 1));
    }

    private static MutationResult campaign(List<Mutant> mutants, int jobs) {
        return new MutationCampaign("linux-7.3", mutants, JUDGE, MutationJournal.none(), () -> false, each -> {})
                .run(jobs);
    }
}
