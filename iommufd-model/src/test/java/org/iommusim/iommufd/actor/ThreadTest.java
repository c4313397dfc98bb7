package org.iommusim.iommufd.actor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.iommusim.hw.driver.Errno;
import org.iommusim.sim.Simulation;
import org.iommusim.sim.memory.MemoryRange;
import org.iommusim.sim.memory.PageAllocator;
import org.iommusim.sim.memory.PageOwner;
import org.iommusim.sim.memory.PhysicalMemory;
import org.iommusim.sim.program.FootprintCheck;
import org.junit.jupiter.api.Test;

/** Two threads of one VMM: what they share, what they do not, and steps of them that race. */
class ThreadTest {
    private static final long RAM = 16L << 20;
    private static final int ANY = 1;

    private final FootprintCheck footprints = new FootprintCheck();
    private final Simulation simulation =
            Simulation.seeded(1).watcher(footprints).build();
    private final List<String> steps = new ArrayList<>();
    private final Machine machine = machine();
    private final VmmActor vmm = machine.newVmm("vm");
    private final ThreadActor thread = machine.newThread("t2", "vm");

    private Machine machine() {
        simulation.world().record(footprints);
        PhysicalMemory memory = new PhysicalMemory(simulation.world(), simulation.violations(), 1L << 32);
        memory.addRam(0, RAM, PageOwner.FREE);
        PageAllocator pages = new PageAllocator(simulation.world(), memory, new MemoryRange(0, RAM));
        RunListener listener = new RunListener() {
            @Override
            public void stepEnded(
                    long timePs,
                    String actor,
                    int index,
                    ScriptStep step,
                    int errno,
                    SortedMap<String, Long> outputs,
                    boolean asExpected) {
                steps.add(actor + " " + step.verb().name() + " " + Errno.name(errno) + (asExpected ? "" : " unexpected")
                        + (outputs.isEmpty() ? "" : " " + outputs));
            }
        };
        return Machine.builder(simulation, memory, pages).listener(listener).build();
    }

    /** A step with fields given as name and value in turn. */
    private static ScriptStep step(
            String verb, List<Integer> answers, List<String> after, String label, Object... fields) {
        TreeMap<String, Object> values = new TreeMap<>();
        for (int i = 0; i < fields.length; i += 2) {
            Object value = fields[i + 1];
            values.put((String) fields[i], value instanceof Integer number ? Long.valueOf(number) : value);
        }
        Verb known = Verbs.find(ActorKind.THREAD, verb).orElseThrow();
        return new ScriptStep("test", known, values, answers, -1, after, label);
    }

    private static ScriptStep ok(String verb, String after, String label, Object... fields) {
        return step(verb, List.of(Errno.OK), after.isEmpty() ? List.of() : List.of(after), label, fields);
    }

    private void runs() {
        machine.boot(List.of());
        simulation.scheduler().run();
        assertThat(machine.unfinished()).isEmpty();
        assertThat(footprints.undeclared()).isEmpty();
    }

    @Test
    void shouldShareDescriptorsAndNames() {
        VmmActor other = machine.newVmm("other");
        vmm.run(List.of(
                ok("open_iommufd", "", "opened", "as", "iommufd"), ok("IOMMU_DESTROY", "made", "gone", "id", "$ioas")));
        thread.run(List.of(
                ok("IOMMU_IOAS_ALLOC", "opened", "made", "as", "ioas"),
                ok("close", "gone", "closed", "fd", "$iommufd")));
        other.run(List.of(
                step("close", List.of(Errno.EBADF), List.of("closed"), "", "fd", "$vm.iommufd"),
                step("close", List.of(Errno.EBADF), List.of(), "", "fd", "$t2.ioas")));
        runs();

        assertThat(steps)
                .containsExactly(
                        "vm open_iommufd OK {fd=3}",
                        "t2 IOMMU_IOAS_ALLOC OK {out_ioas_id=1}",
                        "vm IOMMU_DESTROY OK",
                        "t2 close OK",
                        "other close EBADF",
                        "other close EBADF");
        assertThat(thread.binding("ioas")).isEqualTo(1).isEqualTo(vmm.binding("ioas"));
        assertThat(other.binding("ioas")).isNull();
        assertThat(simulation.violations().violations()).isEmpty();
    }

    @Test
    void shouldKeepTheStructuresOfTwoSystemCallsApart() {
        vmm.run(List.of(
                ok("open_iommufd", "", "opened", "as", "iommufd"),
                ok("IOMMU_OPTION", "opened", "", "option_id", 0, "op", 0, "val64", 1)));
        thread.run(List.of(ok("IOMMU_OPTION", "opened", "", "option_id", 0, "op", 1)));
        runs();

        assertThat(steps).containsAll(List.of("vm IOMMU_OPTION OK", "t2 IOMMU_OPTION OK {val64=1}"));
        assertThat(thread.scratch().address())
                .isNotZero()
                .isNotEqualTo(vmm.scratch().address());
    }

    @Test
    void shouldAllowEveryAnswerThatIsLegal() {
        List<Integer> legal = List.of(Errno.OK, Errno.EBUSY, Errno.ENOENT);
        vmm.run(List.of(
                ok("open_iommufd", "", "", "as", "iommufd"),
                ok("IOMMU_IOAS_ALLOC", "", "made", "as", "ioas"),
                step("IOMMU_DESTROY", legal, List.of(), "", "id", "$ioas"),
                step("IOMMU_DESTROY", List.of(Errno.OK, Errno.EBUSY), List.of("raced"), "", "id", "$ioas")));
        thread.run(List.of(step("IOMMU_DESTROY", legal, List.of("made"), "raced", "id", "$ioas")));
        runs();

        assertThat(steps)
                .filteredOn(s -> s.contains("DESTROY"))
                .hasSize(3)
                .containsOnlyOnce("vm IOMMU_DESTROY ENOENT unexpected");
        assertThat(steps)
                .filteredOn(s -> s.endsWith("DESTROY OK") || s.endsWith("DESTROY ENOENT"))
                .hasSize(2);
        assertThat(step("close", List.of(), List.of(), "", "fd", 3).allows(ANY)).isTrue();
    }

    @Test
    void shouldNeedAVmm() {
        assertThatThrownBy(() -> machine.newThread("t3", "t2"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("needs a VMM");
        assertThat(thread.vmm()).isSameAs(vmm);
        assertThat(thread).hasToString("thread t2");
    }
}
