package org.iommusim.scenario.run;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import org.iommusim.hw.dma.DmaCompletion;
import org.iommusim.hw.iommu.IommuDevice;
import org.iommusim.hw.pcie.Atc;
import org.iommusim.hw.pcie.AtsSettings;
import org.iommusim.hw.pcie.PciFunction;
import org.iommusim.hw.pcie.RequestIds;
import org.iommusim.hw.pcie.RootPort;
import org.iommusim.hw.pcie.SwitchPort;
import org.iommusim.hw.pcie.TrafficGenerator;
import org.iommusim.hw.provider.IommuConfigException;
import org.iommusim.hw.provider.IommuHost;
import org.iommusim.hw.provider.IommuProvider;
import org.iommusim.hw.provider.IommuProvider.IommuUnit;
import org.iommusim.hw.replay.ReplayDevice;
import org.iommusim.iommufd.actor.ActorKind;
import org.iommusim.iommufd.actor.Machine;
import org.iommusim.iommufd.actor.RunListener;
import org.iommusim.iommufd.kernels.Kernels;
import org.iommusim.iommufd.object.FaultInjection;
import org.iommusim.iommufd.policy.LifecyclePolicy;
import org.iommusim.scenario.language.Scenario;
import org.iommusim.scenario.language.Scenario.ActorScript;
import org.iommusim.scenario.language.ScenarioLoader;
import org.iommusim.scenario.language.Topology;
import org.iommusim.sim.Simulation;
import org.iommusim.sim.memory.MemoryPort;
import org.iommusim.sim.memory.MemoryRange;
import org.iommusim.sim.memory.PageAllocator;
import org.iommusim.sim.memory.PageOwner;
import org.iommusim.sim.memory.PhysicalMemory;
import org.jspecify.annotations.Nullable;

/**
 * Puts a scenario's machine together. All of memory is behind one port, so that table reads of every IOMMU and data
 * accesses of every device contend. Where images were loaded nobody checks who owns a page, and whatever is allocated lies
 * above.
 */
public final class ScenarioMachine {
    private static final long ABOVE_IMAGES = 64L << 20;

    private final Scenario scenario;
    private final Simulation simulation;
    private final PhysicalMemory memory;
    private final PageAllocator pages;
    private final MemoryPort port;
    private final Map<String, IommuDevice> iommus = new LinkedHashMap<>();
    private final Map<String, PciFunction> functions = new LinkedHashMap<>();

    private ScenarioMachine(Scenario scenario, Simulation simulation) {
        this.scenario = scenario;
        this.simulation = simulation;
        Topology topology = scenario.topology();
        long end = topology.memoryBase() + topology.memoryBytes();
        boolean images = !topology.images().isEmpty();
        memory = new PhysicalMemory(simulation.world(), simulation.violations(), images ? end + ABOVE_IMAGES : end);
        memory.addRam(topology.memoryBase(), topology.memoryBytes(), images ? PageOwner.UNTRACKED : PageOwner.FREE);
        MemoryRange allocated = new MemoryRange(topology.memoryBase(), topology.memoryBytes());
        if (images) {
            memory.addRam(end, ABOVE_IMAGES, PageOwner.FREE);
            allocated = new MemoryRange(end, ABOVE_IMAGES);
        }
        pages = new PageAllocator(simulation.world(), memory, allocated);
        topology.images().forEach(this::load);
        port = new MemoryPort(simulation.scheduler(), "memory", topology.memoryTiming());
    }

    /**
     * Makes the machine with its actors, ready to boot.
     *
     * @param faults makes steps of the kernel fail
     * @param observers who is told of the answered requests of the n-th traffic
     * @throws org.iommusim.scenario.language.ScenarioException if an IOMMU cannot be made
     */
    public static Parts build(
            Scenario scenario,
            Simulation simulation,
            RunListener listener,
            FaultInjection faults,
            IntFunction<DmaCompletion> observers) {
        ScenarioMachine builder = new ScenarioMachine(scenario, simulation);
        Machine machine = builder.machine(listener, faults, observers);
        builder.pages.refuseWhen(() -> machine.booted() && faults.errno("page allocator", "allocate") != 0);
        return new Parts(
                machine,
                builder.replays(observers),
                builder.iommus,
                scenario.topology().iommus(),
                builder.port);
    }

    /**
     * A machine, and what of it no actor knows.
     *
     * @param machine the machine with its actors
     * @param replays devices that play recordings, not started yet
     * @param devices IOMMUs by name
     * @param iommus what the scenario says of them
     * @param memory the way of all hardware to memory
     */
    public record Parts(
            Machine machine,
            List<ReplayDevice> replays,
            Map<String, IommuDevice> devices,
            List<Topology.Iommu> iommus,
            MemoryPort memory) {
        /** What the hardware reads and writes at a time besides requests' own data and tables. */
        private static final int OTHER_ACCESSES = 4;

        /** Makes room for so many DMA requests at a time, so that none of them makes a lane. */
        public void prepare(int requests) {
            devices.values().forEach(device -> device.prepare(requests));
            memory.prepare(requests + OTHER_ACCESSES);
        }

        /** Writes what the scenario says into the IOMMUs' registers, in the scenario's order. */
        void writeRegisters() {
            for (Topology.Iommu iommu : iommus) {
                IommuDevice device = known(devices, iommu.config().name());
                iommu.registers().forEach(w -> device.mmioWrite(w.offset(), w.bytes(), w.value()));
            }
        }
    }

    private void load(Topology.Image image) {
        byte[] bytes = image.bytes();
        ByteBuffer words = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        int at = 0;
        for (; at + Long.BYTES <= bytes.length; at += Long.BYTES) {
            long word = words.getLong(at);
            if (word != 0) {
                memory.write64(image.address() + at, word);
            }
        }
        for (; at < bytes.length; at++) {
            memory.write(image.address() + at, 1, bytes[at] & 0xff);
        }
    }

    private List<ReplayDevice> replays(IntFunction<DmaCompletion> observers) {
        List<ReplayDevice> devices = new ArrayList<>();
        int observer = scenario.topology().traffic().size();
        for (Topology.Replay replay : scenario.topology().replays()) {
            IommuDevice iommu = known(functions, replay.device()).port().iommu();
            if (iommu == null) {
                throw new IllegalArgumentException("the loader let a replay without an IOMMU pass");
            }
            if (replay.spec().door() >= iommu.doors()) {
                throw ScenarioLoader.noDoor(scenario, replay, iommu.doors());
            }
            devices.add(new ReplayDevice(
                    simulation, replay.id(), replay.spec(), iommu, memory, port, observers.apply(observer++)));
        }
        return devices;
    }

    private Machine machine(RunListener listener, FaultInjection faults, IntFunction<DmaCompletion> observers) {
        LifecyclePolicy policy = Kernels.find(scenario.kernel())
                .orElseThrow(() -> new IllegalArgumentException("no policy " + scenario.kernel()));
        Machine.Builder builder = Machine.builder(simulation, memory, pages)
                .policy(policy)
                .listener(listener)
                .faults(faults);
        scenario.topology().iommus().forEach(iommu -> builder.iommu(iommu(iommu)));
        addFunctions(builder);
        addTraffic(builder, observers);
        Machine machine = builder.build();
        addActors(machine);
        return machine;
    }

    private IommuUnit iommu(Topology.Iommu iommu) {
        IommuProvider provider = IommuProvider.find(iommu.kind())
                .orElseThrow(() -> new IllegalArgumentException("no provider of " + iommu.kind()));
        try {
            IommuUnit unit = provider.create(iommu.config(), new IommuHost(simulation, memory, port, pages));
            iommus.put(iommu.config().name(), unit.device());
            return unit;
        } catch (IommuConfigException e) {
            throw ScenarioLoader.cannotMake(scenario, iommu, e);
        }
    }

    private void addFunctions(Machine.Builder builder) {
        Map<String, RootPort> ports = new LinkedHashMap<>();
        for (Topology.Port each : scenario.topology().rootPorts()) {
            ports.put(
                    each.id(),
                    new RootPort(simulation, each.id(), known(iommus, each.iommu()), memory, port, each.link()));
        }
        Map<String, SwitchPort> switchPorts = new LinkedHashMap<>();
        for (Topology.SwitchPort each : scenario.topology().switchPorts()) {
            switchPorts.put(each.id(), new SwitchPort(simulation, each.id(), each.link()));
        }
        for (Topology.Device device : scenario.topology().devices()) {
            List<SwitchPort> way =
                    device.way().stream().map(id -> known(switchPorts, id)).toList();
            PciFunction function = new PciFunction(
                    simulation.world(), device.id(), device.requesterId(), way, known(ports, device.port()));
            addAts(function, device.ats());
            functions.put(device.id(), function);
            if (device.group().isEmpty()) {
                builder.device(function);
            } else {
                builder.device(function, device.group());
            }
        }
    }

    /** A machine that is found as it is has no driver to switch ATS on. */
    private void addAts(PciFunction function, @Nullable AtsSettings ats) {
        if (ats != null) {
            Atc atc = function.addAtc(simulation, ats);
            atc.setEnabled(scenario.topology().preset());
            atc.pages().setEnabled(scenario.topology().preset());
        }
    }

    private void addTraffic(Machine.Builder builder, IntFunction<DmaCompletion> observers) {
        RequestIds ids = new RequestIds(simulation.world());
        List<Topology.Traffic> traffics = scenario.topology().traffic();
        for (int i = 0; i < traffics.size(); i++) {
            Topology.Traffic traffic = traffics.get(i);
            PciFunction function = known(functions, traffic.device());
            builder.traffic(
                    traffic.spec().name(),
                    new TrafficGenerator(simulation, function, traffic.spec(), ids, observers.apply(i)));
        }
    }

    /** Guests and threads last: each needs its VMM, wherever that stands in the file. */
    private void addActors(Machine machine) {
        for (ActorScript actor : scenario.actors()) {
            if (actor.kind() == ActorKind.VMM) {
                machine.newVmm(actor.id());
            } else if (actor.kind() == ActorKind.HOST) {
                machine.newHost(actor.id());
            }
        }
        for (ActorScript actor : scenario.actors()) {
            if (actor.kind() == ActorKind.GUEST) {
                machine.newGuest(actor.id(), actor.vmm(), actor.iommu());
            } else if (actor.kind() == ActorKind.THREAD) {
                machine.newThread(actor.id(), actor.vmm());
            }
        }
    }

    private static <T> T known(Map<String, T> parts, String id) {
        T part = parts.get(id);
        if (part == null) {
            throw new IllegalArgumentException("the loader let '" + id + "' pass");
        }
        return part;
    }
}
