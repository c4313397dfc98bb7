package org.iommusim.scenario.language;

import java.util.List;
import org.iommusim.hw.pcie.AtsSettings;
import org.iommusim.hw.pcie.LinkTiming;
import org.iommusim.hw.pcie.TrafficSpec;
import org.iommusim.hw.provider.IommuConfig;
import org.iommusim.hw.replay.ReplaySpec;
import org.iommusim.sim.memory.MemoryTiming;
import org.jspecify.annotations.Nullable;

/**
 * The machine that a scenario describes; every id was found to exist.
 *
 * @param memoryBase first address of physical memory
 * @param memoryBytes size of physical memory
 * @param memoryTiming how long memory takes
 * @param images what lies in memory from the start
 * @param iommus IOMMUs
 * @param rootPorts root ports
 * @param switchPorts downstream ports of switches
 * @param devices PCIe functions
 * @param traffic what devices can be told to do
 * @param replays recordings that are played
 */
public record Topology(
        long memoryBase,
        long memoryBytes,
        MemoryTiming memoryTiming,
        List<Image> images,
        List<Iommu> iommus,
        List<Port> rootPorts,
        List<SwitchPort> switchPorts,
        List<Device> devices,
        List<Traffic> traffic,
        List<Replay> replays) {
    /** Where memory begins if nothing is said: address 0 is never right. */
    public static final long BASE = 1L << 30;

    /** Copies the lists. */
    public Topology {
        images = List.copyOf(images);
        replays = List.copyOf(replays);
        iommus = List.copyOf(iommus);
        rootPorts = List.copyOf(rootPorts);
        switchPorts = List.copyOf(switchPorts);
        devices = List.copyOf(devices);
        traffic = List.copyOf(traffic);
    }

    /** True if registers are written in place of a boot. */
    public boolean preset() {
        return iommus.stream().anyMatch(iommu -> !iommu.registers().isEmpty());
    }

    /**
     * An image.
     *
     * @param address of its first byte
     * @param bytes what it holds
     */
    @SuppressWarnings("ArrayRecordComponent") // carried, never compared
    public record Image(long address, byte[] bytes) {}

    /**
     * A write of a register.
     *
     * @param offset in the register block
     * @param bytes 4 or 8
     * @param value what is written
     */
    public record RegisterWrite(long offset, int bytes, long value) {}

    /**
     * A recording that is played.
     *
     * @param pointer where the file says so
     * @param id its name
     * @param device whose IOMMU it is played to
     * @param warmUp how many requests are in no latency
     * @param spec how it is played
     */
    public record Replay(String pointer, String id, String device, long warmUp, ReplaySpec spec) {}

    /**
     * An IOMMU.
     *
     * @param pointer where the file says so
     * @param kind its provider's word
     * @param config how to make it
     * @param registers what is written at time 0 in place of a probe
     */
    public record Iommu(String pointer, String kind, IommuConfig config, List<RegisterWrite> registers) {
        /** Copies the list. */
        public Iommu {
            registers = List.copyOf(registers);
        }
    }

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
     * @param group name of its IOMMU group; empty: one of its own
     * @param ats its address translation services, or {@code null}
     */
    public record Device(
            String id,
            String port,
            List<String> way,
            int requesterId,
            boolean plugged,
            String group,
            @Nullable AtsSettings ats) {
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
