package org.iommusim.scenario.run;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import org.iommusim.hw.dma.DmaCompletion;
import org.iommusim.hw.iommu.IommuDevice;
import org.iommusim.hw.pcie.PciFunction;
import org.iommusim.hw.pcie.RequestIds;
import org.iommusim.hw.pcie.RootPort;
import org.iommusim.hw.pcie.SwitchPort;
import org.iommusim.hw.pcie.TrafficGenerator;
import org.iommusim.hw.provider.IommuConfigException;
import org.iommusim.hw.provider.IommuHost;
import org.iommusim.hw.provider.IommuProvider;
import org.iommusim.hw.provider.IommuProvider.IommuUnit;
import org.iommusim.iommufd.actor.ActorKind;
import org.iommusim.iommufd.actor.Machine;
import org.iommusim.iommufd.actor.RunListener;
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

/**
 * Puts a scenario's machine together. All of memory is behind one port, so that table reads of every IOMMU and data
 * accesses of every device contend; its addresses begin at 1 GiB, so that address 0 is never right.
 */
public final class ScenarioMachine {
    private static final long RAM_BASE = 1L << 30;

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
        memory = new PhysicalMemory(simulation.world(), simulation.violations(), RAM_BASE + topology.memoryBytes());
        memory.addRam(RAM_BASE, topology.memoryBytes(), PageOwner.FREE);
        pages = new PageAllocator(simulation.world(), memory, new MemoryRange(RAM_BASE, topology.memoryBytes()));
        port = new MemoryPort(simulation.scheduler(), "memory", topology.memoryTiming());
    }

    /**
     * Makes the machine with its actors, ready to boot.
     *
     * @param observers who is told of the answered requests of the n-th traffic
     * @throws org.iommusim.scenario.language.ScenarioException if an IOMMU cannot be made
     */
    public static Machine build(
            Scenario scenario, Simulation simulation, RunListener listener, IntFunction<DmaCompletion> observers) {
        return new ScenarioMachine(scenario, simulation).machine(listener, observers);
    }

    private Machine machine(RunListener listener, IntFunction<DmaCompletion> observers) {
        LifecyclePolicy policy = LifecyclePolicy.find(scenario.kernel())
                .orElseThrow(() -> new IllegalArgumentException("no policy " + scenario.kernel()));
        Machine.Builder builder =
                Machine.builder(simulation, memory, pages).policy(policy).listener(listener);
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
            functions.put(device.id(), function);
            builder.device(function);
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

    /** Guests last: each needs its VMM, wherever that stands in the file. */
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
