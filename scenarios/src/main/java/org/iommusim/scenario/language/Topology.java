package org.iommusim.scenario.language;

import java.util.List;
import org.iommusim.hw.pcie.LinkTiming;
import org.iommusim.hw.pcie.TrafficSpec;
import org.iommusim.hw.provider.IommuConfig;
import org.iommusim.sim.memory.MemoryTiming;

/**
 * The machine that a scenario describes; every id was found to exist.
 *
 * @param memoryBytes size of physical memory
 * @param memoryTiming how long memory takes
 * @param iommus IOMMUs
 * @param rootPorts root ports
 * @param switchPorts downstream ports of switches
 * @param devices PCIe functions
 * @param traffic what devices can be told to do
 */
public record Topology(
        long memoryBytes,
        MemoryTiming memoryTiming,
        List<Iommu> iommus,
        List<Port> rootPorts,
        List<SwitchPort> switchPorts,
        List<Device> devices,
        List<Traffic> traffic) {
    /** Copies the lists. */
    public Topology {
        iommus = List.copyOf(iommus);
        rootPorts = List.copyOf(rootPorts);
        switchPorts = List.copyOf(switchPorts);
        devices = List.copyOf(devices);
        traffic = List.copyOf(traffic);
    }

    /**
     * An IOMMU.
     *
     * @param pointer where the file says so
     * @param kind its provider's word
     * @param config how to make it
     */
    public record Iommu(String pointer, String kind, IommuConfig config) {}

    /**
     * A root port.
     *
     * @param id its name
     * @param iommu name of its IOMMU
     * @param link its link
     */
    public record Port(String id, String iommu, LinkTiming link) {}

    /**
     * A downstream port of a switch.
     *
     * @param id its name
     * @param link its link towards the devices
     */
    public record SwitchPort(String id, LinkTiming link) {}

    /**
     * A function.
     *
     * @param id its name
     * @param port name of its root port
     * @param way names of the switch ports on the way up to it, the nearest first
     * @param requesterId bus, device and function
     * @param plugged true if it is there from the start
     */
    public record Device(String id, String port, List<String> way, int requesterId, boolean plugged) {
        /** Copies the way. */
        public Device {
            way = List.copyOf(way);
        }
    }

    /**
     * A traffic.
     *
     * @param device name of its device
     * @param spec what it does; its name is the traffic's id
     */
    public record Traffic(String device, TrafficSpec spec) {}
}
