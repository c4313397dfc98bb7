package org.iommusim.iommufd.actor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.iommusim.hw.driver.Errno;
import org.iommusim.iommufd.object.FailNth;
import org.iommusim.iommufd.object.FaultInjection;
import org.iommusim.iommufd.object.IommufdCtx;
import org.iommusim.iommufd.object.IommufdObject;
import org.iommusim.iommufd.pt.Ioas;
import org.iommusim.sim.Simulation;
import org.iommusim.sim.check.Violation;
import org.iommusim.sim.memory.MemoryRange;
import org.iommusim.sim.memory.PageAllocator;
import org.iommusim.sim.memory.PageOwner;
import org.iommusim.sim.memory.PhysicalMemory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What is found between steps when something was left behind, and that nothing is found when nothing was. */
class ReferencesTest {
    private static final long RAM = 16L << 20;

    private static final int FIRST_FD = 3;

    private final Simulation simulation = Simulation.seeded(1).build();
    private @Nullable VmmActor vmm;

    private IommufdCtx context() {
        return Objects.requireNonNull(Objects.requireNonNull(vmm).context(FIRST_FD));
    }

    private VmmActor play(FaultInjection faults) {
        PhysicalMemory memory = new PhysicalMemory(simulation.world(), simulation.violations(), 1L << 32);
        memory.addRam(0, RAM, PageOwner.FREE);
        PageAllocator pages = new PageAllocator(simulation.world(), memory, new MemoryRange(0, RAM));
        Machine machine =
                Machine.builder(simulation, memory, pages).faults(faults).build();
        VmmActor made = machine.newVmm("vmm");
        vmm = made;
        made.run(List.of(
                step("open_iommufd", Map.of("as", "fd")),
                step("IOMMU_IOAS_ALLOC", Map.of("as", "ioas")),
                step("IOMMU_IOAS_ALLOC", Map.of("as", "other"))));
        machine.boot(List.of());
        simulation.scheduler().run();
        return made;
    }

    private static ScriptStep step(String verb, Map<String, Object> fields) {
        Verb found = Verbs.find(ActorKind.VMM, verb).orElseThrow();
        return new ScriptStep("test", found, new TreeMap<>(fields), List.of(), -1, List.of(), "");
    }

    private List<Violation> violations() {
        return simulation.violations().violations();
    }

    /** Does something wrong when the n-th step that can fail is asked. */
    private abstract static class Sabotage implements FaultInjection {
        private int left;
        private String firedAt = "";

        Sabotage(int n) {
            left = n;
        }

        abstract int act();

        @Override
        public int errno(String program, String step) {
            if (--left != 0) {
                return 0;
            }
            firedAt = program + ": " + step;
            return act();
        }

        @Override
        public String firedAt() {
            return firedAt;
        }
    }

    @Test
    void shouldFindNothingWhereEverythingIsGivenBack() {
        VmmActor played = play(new FailNth(3)); // the second IOAS's allocation
        assertThat(played.binding("ioas")).isEqualTo(1);
        assertThat(played.binding("other")).isNull();
        assertThat(violations()).isEmpty();
    }

    @Test
    void shouldFindAReferenceThatNobodyHolds() {
        Sabotage faults = new Sabotage(3) {
            @Override
            int act() {
                IommufdObject ioas = context().objects().load(1);
                if (ioas != null) {
                    ioas.usersInc("nobody");
                }
                return 0;
            }
        };
        play(faults);
        assertThat(violations()).hasSize(1);
        assertThat(violations().get(0).checker()).isEqualTo("references");
        assertThat(violations().get(0).message()).contains("has users 2", "explained are 1");
    }

    @Test
    void shouldFindAnIdThatAFailedStepKept() {
        Sabotage faults = new Sabotage(3) {
            @Override
            int act() {
                context().objects().reserve(new Ioas(context()));
                return Errno.ENOMEM;
            }
        };
        play(faults);
        assertThat(violations()).hasSize(1);
        assertThat(violations().get(0).checker()).isEqualTo("not-restored");
        assertThat(violations().get(0).message())
                .contains("IOMMU_IOAS_ALLOC failed at IOMMU_IOAS_ALLOC: iommufd_object_alloc")
                .contains("reserved ids [2]");
    }
}
