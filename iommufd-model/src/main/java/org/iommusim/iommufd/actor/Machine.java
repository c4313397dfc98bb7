package org.iommusim.iommufd.actor;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.iommusim.hw.driver.DriverListener;
import org.iommusim.hw.driver.IommuDriver;
import org.iommusim.hw.pcie.PciFunction;
import org.iommusim.hw.pcie.TrafficGenerator;
import org.iommusim.hw.provider.IommuProvider.IommuUnit;
import org.iommusim.iommufd.check.Contexts;
import org.iommusim.iommufd.device.IommuGroup;
import org.iommusim.iommufd.kernels.Kernels;
import org.iommusim.iommufd.object.FaultInjection;
import org.iommusim.iommufd.object.Kernel;
import org.iommusim.iommufd.object.KernelListener;
import org.iommusim.iommufd.object.ObjectType;
import org.iommusim.iommufd.policy.AcceptedDeviations;
import org.iommusim.iommufd.policy.LifecyclePolicy;
import org.iommusim.iommufd.vfio.PciHost;
import org.iommusim.iommufd.vfio.PciSlot;
import org.iommusim.sim.Simulation;
import org.iommusim.sim.memory.PageAllocator;
import org.iommusim.sim.memory.PhysicalMemory;
import org.iommusim.sim.program.Task;
import org.iommusim.sim.program.WaitQueue;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.Mix;
import org.iommusim.sim.world.Variable;
import org.jspecify.annotations.Nullable;

/**
 * The machine of a scenario: hardware parts that somebody else made, the simulated kernel that drives them, and the actors.
 *
 * <p>Life: build; make actors; {@link Actor#run} each; {@link #boot}; run the scheduler; {@link #unfinished}.
 */
public final class Machine {
    /** The variable of all labels, and of whether the machine has booted. */
    static final Variable LABEL = Variable.named("script.label");

    private final Simulation simulation;
    private final RunListener listener;
    private final Kernel kernel;
    private final Map<String, IommuUnit> iommus;
    private final Map<String, PciFunction> devices;
    private final Map<String, TrafficGenerator> traffics;
    private final Map<String, Actor> actors = new LinkedHashMap<>();
    private final SortedMap<String, IntCell> labels = new TreeMap<>();
    private final WaitQueue labelsChanged;
    private final IntCell booted;
    private final Task bootTask;
    private final PciHost host;
    private final OpenedContexts contexts;

    private Machine(Builder builder) {
        simulation = builder.simulation;
        listener = builder.listener;
        kernel = new Kernel(
                simulation, builder.memory, builder.pages, builder.policy, new ToRunListener(), builder.faults);
        iommus = Collections.unmodifiableMap(new LinkedHashMap<>(builder.iommus));
        devices = Collections.unmodifiableMap(new LinkedHashMap<>(builder.devices));
        traffics = Collections.unmodifiableMap(new LinkedHashMap<>(builder.traffics));
        labelsChanged = new WaitQueue(simulation.world(), "script labels");
        booted = new IntCell(simulation.world(), LABEL, 0, 0);
        bootTask = new Task(simulation.tasks(), "boot");
        host = new PciHost(kernel);
        contexts = new OpenedContexts(this);
        addSlots(builder.groups);
        iommus.values().forEach(unit -> unit.driver().listen(new FromDriver()));
        if (simulation.checks()) {
            MachineCheckers.attach(this, simulation.exploring());
            // An exploration lets accepted findings pass one by one.
            if (!simulation.exploring()) {
                simulation.violations().accept(new AcceptedDeviations(builder.policy)::idOf);
            }
        }
    }

    private void addSlots(Map<PciFunction, String> names) {
        Map<String, IommuGroup> shared = new LinkedHashMap<>();
        for (PciFunction function : devices.values()) {
            String group = names.get(function);
            if (group == null) {
                host.addSlot(function, driverOf(function));
            } else {
                IommuGroup of = shared.computeIfAbsent(group, name -> new IommuGroup(kernel, name));
                host.addSlot(function, driverOf(function), of);
            }
        }
    }

    /** The driver of the IOMMU behind which a function's root port is. */
    private IommuDriver driverOf(PciFunction function) {
        for (IommuUnit unit : iommus.values()) {
            if (unit.device() == function.port().iommu()) {
                return unit.driver();
            }
        }
        throw new IllegalArgumentException(function + " is behind no IOMMU of this machine");
    }

    /**
     * Starts a machine.
     *
     * @param pages where user processes get their pages
     */
    public static Builder builder(Simulation simulation, PhysicalMemory memory, PageAllocator pages) {
        return new Builder(simulation, memory, pages);
    }

    /** Time, cells, tasks, violations. */
    public Simulation simulation() {
        return simulation;
    }

    /** What the kernel's parts share. */
    public Kernel kernel() {
        return kernel;
    }

    /** Who hears what happens. */
    public RunListener listener() {
        return listener;
    }

    /** The IOMMUs by name, in the order in which they were added. */
    public Map<String, IommuUnit> iommus() {
        return iommus;
    }

    /** The devices by name, in the order in which they were added. */
    public Map<String, PciFunction> devices() {
        return devices;
    }

    /** The traffic generators by their ids, in the order in which they were added. */
    public Map<String, TrafficGenerator> traffics() {
        return traffics;
    }

    /** Makes a VMM process. Actors' names are unique. */
    public VmmActor newVmm(String name) {
        return add(new VmmActor(this, name));
    }

    /**
     * Makes a further thread of a VMM.
     *
     * @param vmm name of its VMM, which must exist
     */
    public ThreadActor newThread(String name, String vmm) {
        if (!(actors.get(vmm) instanceof VmmActor of)) {
            throw new IllegalArgumentException("thread " + name + " needs a VMM that exists");
        }
        return add(new ThreadActor(this, name, of));
    }

    /**
     * Makes a guest kernel on a VMM's vCPU.
     *
     * @param vmm name of its VMM, which must exist
     * @param iommu name of the IOMMU whose kind of virtual IOMMU it has
     */
    public GuestActor newGuest(String name, String vmm, String iommu) {
        IommuUnit unit = iommus.get(iommu);
        if (!(actors.get(vmm) instanceof VmmActor of) || unit == null) {
            throw new IllegalArgumentException("guest " + name + " needs a VMM and an IOMMU that exist");
        }
        return add(new GuestActor(this, name, of, unit.driver()));
    }

    /** Makes a host that plugs and removes devices. */
    public HostActor newHost(String name) {
        return add(new HostActor(this, name));
    }

    private <A extends Actor> A add(A actor) {
        if (actors.putIfAbsent(actor.name(), actor) != null) {
            throw new IllegalArgumentException("two actors are called " + actor.name());
        }
        return actor;
    }

    /** The actor of this name, or {@code null}. */
    public @Nullable Actor actor(String name) {
        return actors.get(name);
    }

    /** All actors in the order in which they were made. */
    public List<Actor> actors() {
        return List.copyOf(actors.values());
    }

    /** Actors that have not finished their scripts; see {@link Actor#describePosition}. */
    public List<Actor> unfinished() {
        return actors.values().stream().filter(actor -> !actor.finished()).toList();
    }

    /**
     * Schedules the boot: every IOMMU's driver probes it, and these devices are plugged, in this order. Actors wait for it.
     *
     * @param pluggedIn names of the devices that are in their slots from the beginning
     */
    public void boot(List<String> pluggedIn) {
        List<IommuDriver> drivers = new ArrayList<>();
        iommus.values().forEach(unit -> drivers.add(unit.driver()));
        List<PciSlot> slots = new ArrayList<>();
        for (String name : pluggedIn) {
            PciSlot slot = host.slot(name);
            if (slot == null) {
                throw new IllegalArgumentException("no device is called " + name);
            }
            slots.add(slot);
        }
        bootTask.run(Boot.call(this, drivers, slots), errno -> {
            if (errno != 0) {
                simulation.violations().report("boot", "the machine does not boot: errno " + errno);
                return;
            }
            booted.set(1);
            labelsChanged.wakeAll();
        });
    }

    /** The slot of the device that a step names. */
    PciSlot slot(StepArguments step, String field) {
        PciSlot slot = host.slot(step.text(field, ""));
        if (slot == null) {
            throw step.problem("no device is called '" + step.text(field, "") + "'");
        }
        return slot;
    }

    /** The slots. */
    public PciHost host() {
        return host;
    }

    /** The contexts that were opened. */
    public Contexts contexts() {
        return contexts;
    }

    OpenedContexts openedContexts() {
        return contexts;
    }

    /** True once every driver has probed its IOMMU and the devices are plugged: the actors begin. */
    public boolean booted() {
        return booted.get() != 0;
    }

    /** True once some step has set this label. */
    public boolean labelSet(String label) {
        return label(label).get() != 0;
    }

    void setLabel(String label) {
        label(label).set(1);
        labelsChanged.wakeAll();
    }

    WaitQueue labelsChanged() {
        return labelsChanged;
    }

    void declareLabel(String label) {
        label(label);
    }

    private IntCell label(String label) {
        return labels.computeIfAbsent(
                label,
                // Its name numbers it: labels may be met in any order.
                key -> new IntCell(simulation.world(), LABEL, Mix.mix(key.hashCode()), 0));
    }

    /** Adds the time to what the kernel tells. */
    private final class ToRunListener implements KernelListener {
        @Override
        public boolean listens() {
            return listener.wantsText();
        }

        @Override
        public void objectChanged(String context, ObjectType type, int id, String change, String detail) {
            listener.objectChanged(simulation.now(), context, type.name(), id, change, detail);
        }

        @Override
        public void deviceChanged(String device, String change) {
            listener.deviceChanged(simulation.now(), device, change);
        }
    }

    /** Adds the time to what drivers tell. */
    private final class FromDriver implements DriverListener {
        @Override
        public void event(String iommu, long[] record, String text) {
            listener.eventReported(simulation.now(), iommu, text);
        }

        @Override
        public void message(String iommu, String text) {
            listener.eventReported(simulation.now(), iommu, text);
        }
    }

    /** Collects the parts. */
    public static final class Builder {
        private final Simulation simulation;
        private final PhysicalMemory memory;
        private final PageAllocator pages;
        private final Map<String, IommuUnit> iommus = new LinkedHashMap<>();
        private final Map<String, PciFunction> devices = new LinkedHashMap<>();
        private final Map<PciFunction, String> groups = new LinkedHashMap<>();
        private final Map<String, TrafficGenerator> traffics = new LinkedHashMap<>();
        private RunListener listener = new RunListener() {};
        private LifecyclePolicy policy = Kernels.LINUX_7_3;
        private FaultInjection faults = FaultInjection.NONE;

        private Builder(Simulation simulation, PhysicalMemory memory, PageAllocator pages) {
            this.simulation = simulation;
            this.memory = memory;
            this.pages = pages;
        }

        /** Which kernel it runs. */
        public Builder policy(LifecyclePolicy newPolicy) {
            policy = newPolicy;
            return this;
        }

        /** Who hears what happens. */
        public Builder listener(RunListener newListener) {
            listener = newListener;
            return this;
        }

        /** Makes steps of the kernel fail. */
        public Builder faults(FaultInjection newFaults) {
            faults = newFaults;
            return this;
        }

        /** An IOMMU with its driver, under its device's name. */
        public Builder iommu(IommuUnit unit) {
            iommus.put(unit.device().name(), unit);
            return this;
        }

        /** A device, under its function's name; it sits behind the IOMMU of its root port. */
        public Builder device(PciFunction function) {
            devices.put(function.name(), function);
            return this;
        }

        /** A device that shares its IOMMU group with all others of that name. */
        public Builder device(PciFunction function, String group) {
            groups.put(function, group);
            return device(function);
        }

        /** Traffic of a device under the id that steps use. */
        public Builder traffic(String id, TrafficGenerator generator) {
            traffics.put(id, generator);
            return this;
        }

        /** The machine. */
        public Machine build() {
            return new Machine(this);
        }
    }
}
