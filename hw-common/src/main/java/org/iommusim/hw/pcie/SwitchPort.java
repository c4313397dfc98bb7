package org.iommusim.hw.pcie;

import org.iommusim.sim.Simulation;

/**
 * A downstream port of a PCIe switch: a link of its own, which everything behind it shares. It forwards whole packets and
 * changes nothing in them: requester ids pass.
 */
public final class SwitchPort {
    private final String name;
    final LinkDirection up;
    final LinkDirection down;

    /** Makes a port whose link towards the devices takes so long. */
    public SwitchPort(Simulation sim, String name, LinkTiming timing) {
        this.name = name;
        up = new LinkDirection(sim.scheduler(), name + " up", timing);
        down = new LinkDirection(sim.scheduler(), name + " down", timing);
    }

    /** Name within the machine. */
    public String name() {
        return name;
    }

    @Override
    public String toString() {
        return name;
    }
}
