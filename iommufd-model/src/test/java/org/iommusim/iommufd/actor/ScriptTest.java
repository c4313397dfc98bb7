package org.iommusim.iommufd.actor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.iommusim.hw.dma.DmaOutcome;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.pcie.LinkTiming;
import org.iommusim.hw.pcie.PciFunction;
import org.iommusim.hw.pcie.RequestIds;
import org.iommusim.hw.pcie.RootPort;
import org.iommusim.hw.pcie.TrafficGenerator;
import org.iommusim.hw.pcie.TrafficPattern;
import org.iommusim.hw.pcie.TrafficSpec;
import org.iommusim.hw.provider.IommuProvider.IommuUnit;
import org.iommusim.iommufd.testkit.FakeDriver;
import org.iommusim.sim.Simulation;
import org.iommusim.sim.memory.MemoryPort;
import org.iommusim.sim.memory.MemoryRange;
import org.iommusim.sim.memory.MemoryTiming;
import org.iommusim.sim.memory.PageAllocator;
import org.iommusim.sim.memory.PageOwner;
import org.iommusim.sim.memory.PhysicalMemory;
import org.iommusim.sim.program.FootprintCheck;
import org.junit.jupiter.api.Test;

/** Scripts on a whole machine: a VMM, its guest and the host around a device that does DMA. */
class ScriptTest {
    private static final long RAM = 64L << 20;

    private final FootprintCheck footprints = new FootprintCheck();
    private final Simulation simulation =
            Simulation.seeded(1).watcher(footprints).build();
    private final FakeDriver driver = new FakeDriver(simulation, "iommu0");
    private final List<String> steps = new ArrayList<>();
    private final List<String> outcomes = new ArrayList<>();
    private final Machine machine = machine();

    private Machine machine() {
        simulation.world().record(footprints);
        PhysicalMemory memory = new PhysicalMemory(simulation.world(), simulation.violations(), 1L << 32);
        memory.addRam(0, RAM, PageOwner.FREE);
        PageAllocator pages = new PageAllocator(simulation.world(), memory, new MemoryRange(0, RAM));
        MemoryPort port = new MemoryPort(simulation.scheduler(), "memory", MemoryTiming.fixed(1000));
        RootPort root = new RootPort(simulation, "port0", driver.device(), memory, port, LinkTiming.NONE);
        PciFunction function = new PciFunction(simulation.world(), "net0", 0x100, root);
        TrafficSpec spec = new TrafficSpec(
                "rx", 0x40000, 0x4000, 64, TrafficPattern.SEQUENTIAL, 0, 100, 10, 2, 0, false, 0, DmaRequest.NO_PASID);
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
        TrafficGenerator generator = new TrafficGenerator(
                simulation,
                function,
                spec,
                new RequestIds(simulation.world()),
                request -> outcomes.add(request.outcome().name()));
        return Machine.builder(simulation, memory, pages)
                .iommu(new IommuUnit(driver.device(), driver))
                .device(function)
                .traffic("rx", generator)
                .listener(listener)
                .build();
    }

    /** A step with fields given as name and value in turn; {@code errno} 1: any answer. */
    private static ScriptStep step(
            ActorKind kind, String verb, int errno, List<String> after, String label, Object... fields) {
        TreeMap<String, Object> values = new TreeMap<>();
        for (int i = 0; i < fields.length; i += 2) {
            Object value = fields[i + 1];
            values.put((String) fields[i], value instanceof Integer number ? Long.valueOf(number) : value);
        }
        return new ScriptStep(
                "test",
                Verbs.find(kind, verb).orElseThrow(),
                values,
                errno == 1 ? List.of() : List.of(errno),
                -1,
                after,
                label);
    }

    private static ScriptStep vmm(String verb, Object... fields) {
        return step(ActorKind.VMM, verb, 0, List.of(), "", fields);
    }

    private static ScriptStep guest(String verb, Object... fields) {
        return step(ActorKind.GUEST, verb, 0, List.of(), "", fields);
    }

    private static ScriptStep label(ScriptStep s, String label) {
        return new ScriptStep(s.where(), s.verb(), s.values(), s.answers(), s.atPs(), s.after(), label);
    }

    private static ScriptStep after(String label, ScriptStep s) {
        return new ScriptStep(s.where(), s.verb(), s.values(), s.answers(), s.atPs(), List.of(label), s.label());
    }

    private static List<ScriptStep> start() {
        return List.of(
                vmm("open_iommufd", "as", "iommufd"),
                vmm("open_vfio", "device", "net0", "as", "vfio"),
                vmm("VFIO_DEVICE_BIND_IOMMUFD", "vfio", "$vfio", "as", "dev"),
                vmm("IOMMU_IOAS_ALLOC", "as", "ioas"),
                vmm("mmap", "bytes", 1 << 20, "as", "ram"),
                vmm("IOMMU_IOAS_MAP", "ioas", "$ioas", "va", "$ram", "bytes", 1 << 20, "iova", 0),
                vmm("IOMMU_HWPT_ALLOC", "dev", "$dev", "pt", "$ioas", "nest_parent", true, "as", "s2"),
                vmm("VFIO_DEVICE_ATTACH_IOMMUFD_PT", "vfio", "$vfio", "pt", "$s2"),
                vmm("IOMMU_VIOMMU_ALLOC", "dev", "$dev", "hwpt", "$s2", "as", "viommu"),
                vmm("memslot", "gpa", 0, "va", "$ram", "bytes", 1 << 20),
                label(vmm("vcpu_trap_invalidations", "viommu", "$viommu"), "ram"));
    }

    private static List<ScriptStep> goOn() {
        return List.of(
                after(
                        "bound",
                        vmm("IOMMU_VDEVICE_ALLOC", "viommu", "$viommu", "dev", "$dev", "virt_id", 8, "as", "vdev")),
                vmm("IOMMU_HWPT_ALLOC", "dev", "$dev", "pt", "$viommu", "guest_device", 8, "as", "s1"),
                label(vmm("VFIO_DEVICE_ATTACH_IOMMUFD_PT", "vfio", "$vfio", "pt", "$s1"), "attached"),
                after("released", vmm("VFIO_DEVICE_ATTACH_IOMMUFD_PT", "vfio", "$vfio", "pt", "$s2")),
                vmm("IOMMU_DESTROY", "id", "$s1"),
                vmm("IOMMU_DESTROY", "id", "$vdev"),
                vmm("close", "fd", "$vfio"),
                vmm("IOMMU_DESTROY", "id", "$viommu"),
                vmm("IOMMU_DESTROY", "id", "$s2"),
                vmm("IOMMU_IOAS_UNMAP", "ioas", "$ioas"),
                vmm("IOMMU_DESTROY", "id", "$ioas"),
                vmm("munmap", "va", "$ram", "bytes", 1 << 20),
                vmm("close", "fd", "$iommufd"));
    }

    private static List<ScriptStep> guestScript() {
        return List.of(
                label(after("ram", guest("bind_driver", "virt_id", 8)), "bound"),
                after("attached", guest("map", "virt_id", 8, "iova", 0x40000, "gpa", 0x40000, "bytes", 0x4000)),
                guest("set_bus_master", "device", "net0"),
                guest("start_traffic", "traffic", "rx"),
                guest("wait_traffic", "traffic", "rx"),
                guest("unmap", "virt_id", 8, "iova", 0x40000, "bytes", 0x4000),
                label(guest("unbind_driver", "virt_id", 8), "released"));
    }

    @Test
    void shouldCarryADeviceThroughItsLife() {
        VmmActor vmm = machine.newVmm("vm");
        GuestActor guest = machine.newGuest("linux", "vm", "iommu0");
        HostActor host = machine.newHost("host");
        List<ScriptStep> script = new ArrayList<>(start());
        script.addAll(goOn());
        vmm.run(script);
        guest.run(guestScript());
        host.run(List.of(after("attached", step(ActorKind.HOST, "unplug", 0, List.of(), "", "device", "net0"))));
        machine.boot(List.of("net0"));
        simulation.scheduler().run();

        assertThat(machine.unfinished()).isEmpty();
        assertThat(steps).noneMatch(s -> s.contains("unexpected"));
        assertThat(outcomes).hasSize(10).containsOnly(DmaOutcome.OK.name());
        assertThat(simulation.violations().violations()).isEmpty();
        assertThat(footprints.undeclared()).isEmpty();
        assertThat(machine.kernel().pages().usedPages()).isZero();
        assertThat(driver.log()).endsWith("release_device");
        assertThat(steps).contains("vm IOMMU_VDEVICE_ALLOC OK {out_vdevice_id=5}");
    }

    @Test
    void shouldLeaveNothingBehindWhenAVmmEndsInTheMiddle() {
        for (boolean highestFirst : new boolean[] {false, true}) {
            String name = "vm" + highestFirst;
            VmmActor vmm = machine.newVmm(name);
            List<ScriptStep> script = new ArrayList<>(start().subList(0, 9));
            script.add(vmm("IOMMU_VDEVICE_ALLOC", "viommu", "$viommu", "dev", "$dev", "virt_id", 8));
            script.add(vmm("exit", "highest_first", highestFirst));
            script.set(0, highestFirst ? after("first is gone", script.get(0)) : script.get(0));
            script.set(10, label(script.get(10), highestFirst ? "both are gone" : "first is gone"));
            vmm.run(script);
        }
        machine.boot(List.of("net0"));
        simulation.scheduler().run();

        assertThat(machine.unfinished()).isEmpty();
        assertThat(steps).hasSize(22).noneMatch(s -> s.contains("unexpected"));
        assertThat(simulation.violations().violations()).isEmpty();
        assertThat(footprints.undeclared()).isEmpty();
        assertThat(machine.kernel().pages().usedPages()).isZero();
    }

    @Test
    void shouldTellOfAnswersThatTheScriptDidNotExpect() {
        VmmActor vmm = machine.newVmm("vm");
        vmm.run(List.of(
                vmm("open_iommufd", "as", "iommufd"),
                vmm("IOMMU_DESTROY", "id", 7),
                step(ActorKind.VMM, "IOMMU_DESTROY", Errno.ENOENT, List.of(), "", "id", "$nothing"),
                step(ActorKind.VMM, "close", Errno.EBADF, List.of(), "", "fd", 77)));
        machine.boot(List.of());
        simulation.scheduler().run();

        assertThat(steps)
                .containsExactly(
                        "vm open_iommufd OK {fd=3}",
                        "vm IOMMU_DESTROY ENOENT unexpected",
                        "vm IOMMU_DESTROY ENOENT",
                        "vm close EBADF");
    }

    @Test
    void shouldSayWhereAnActorIsStuck() {
        VmmActor vmm = machine.newVmm("vm");
        vmm.run(List.of(after("never", vmm("sleep", "time", 1))));
        machine.boot(List.of());
        simulation.scheduler().run();

        assertThat(machine.unfinished()).containsExactly(vmm);
        assertThat(vmm.describePosition())
                .isEqualTo("step 0 sleep, script: wait for labels, waits for wait queue script labels");
    }

    @Test
    void shouldLoseDmaOfADeviceThatNobodyBound() {
        VmmActor vmm = machine.newVmm("vm");
        GuestActor guest = machine.newGuest("linux", "vm", "iommu0");
        vmm.run(List.of(vmm("sleep", "time", 1)));
        guest.run(List.of(
                step(ActorKind.GUEST, "set_bus_master", Errno.ENODEV, List.of(), "", "device", "net0"),
                guest("start_traffic", "traffic", "rx"),
                guest("wait_traffic", "traffic", "rx")));
        machine.boot(List.of("net0"));
        simulation.scheduler().run();

        assertThat(machine.unfinished()).isEmpty();
        assertThat(outcomes).hasSize(10).containsOnly(DmaOutcome.LOST.name());
    }

    @Test
    void shouldBlockDmaOfADeviceThatIsBoundButNotAttached() {
        VmmActor vmm = machine.newVmm("vm");
        GuestActor guest = machine.newGuest("linux", "vm", "iommu0");
        vmm.run(List.of(
                vmm("open_iommufd", "as", "iommufd"),
                vmm("open_vfio", "device", "net0", "as", "vfio"),
                label(vmm("VFIO_DEVICE_BIND_IOMMUFD", "vfio", "$vfio", "as", "dev"), "bound")));
        guest.run(List.of(
                after("bound", guest("set_bus_master", "device", "net0")),
                guest("start_traffic", "traffic", "rx"),
                guest("wait_traffic", "traffic", "rx")));
        machine.boot(List.of("net0"));
        simulation.scheduler().run();

        assertThat(outcomes).hasSize(10).containsOnly(DmaOutcome.FAULT.name());
    }

    @Test
    void shouldRefuseScriptsThatMakeNoSense() {
        VmmActor vmm = machine.newVmm("vm");
        vmm.run(List.of(vmm("open_vfio", "device", "gpu7", "as", "vfio")));
        machine.boot(List.of());

        assertThatThrownBy(() -> simulation.scheduler().run())
                .isInstanceOf(ScriptException.class)
                .hasMessage("test: no device is called 'gpu7'");
    }

    @Test
    void shouldOpenNoDeviceWithoutADescriptor() {
        VmmActor vmm = machine.newVmm("vm");
        while (vmm.files().reserve() >= 0) {}
        vmm.run(List.of(step(ActorKind.VMM, "open_vfio", Errno.EMFILE, List.of(), "", "device", "net0", "as", "vfio")));
        HostActor host = machine.newHost("host");
        host.run(List.of(step(ActorKind.HOST, "unplug", 0, List.of(), "", "device", "net0")));
        machine.boot(List.of("net0"));
        simulation.scheduler().run();

        assertThat(steps).contains("vm open_vfio EMFILE", "host unplug OK");
        assertThat(simulation.violations().violations()).isEmpty();
    }

    @Test
    void shouldRefuseToAbortAccessesThatItCannotReach() {
        HostActor host = machine.newHost("host");
        host.run(List.of(step(ActorKind.HOST, "abort_accesses", 0, List.of(), "", "device", "net0", "access", "read")));
        machine.boot(List.of("net0"));

        assertThatThrownBy(() -> simulation.scheduler().run())
                .isInstanceOf(ScriptException.class)
                .hasMessage("test: the accesses of this device's IOMMU cannot be aborted");
    }

    @Test
    void shouldDescribeEveryVerbAndField() {
        for (Verb verb : Verbs.all()) {
            assertThat(verb.summary()).as(verb.name()).endsWith(".");
            assertThat(verb.fields())
                    .as(verb.name())
                    .allSatisfy(field -> assertThat(field.description()).endsWith("."));
            assertThat(verb.fields().stream().map(Field::name)).as(verb.name()).doesNotHaveDuplicates();
            assertThat(Verbs.find(verb.actor(), verb.name())).contains(verb);
        }
    }
}
