package org.iommusim.hw.control;

import org.iommusim.hw.iommu.InterruptSink;
import org.iommusim.hw.walk.RequestPort;
import org.iommusim.sim.event.EventHandler;
import org.iommusim.sim.event.Lane;
import org.iommusim.sim.event.Phase;
import org.iommusim.sim.event.Scheduler;
import org.iommusim.sim.memory.PhysicalMemory;

/**
 * An IOMMU's own message where interrupts are told by their address (x86): one to the interrupt range is an interrupt; one to
 * memory is written there first, so that it can be seen; one that reaches neither is lost. It is not remapped.
 */
public final class InterruptMessage implements EventHandler {
    /** First address of the interrupt range. */
    public static final long INTERRUPT_RANGE = 0xfee0_0000L;

    private static final int RANGE_MASK = 0xfff0_0000;

    private final RequestPort port;
    private final PhysicalMemory memory;
    private final String source;
    private final Runnable arrived;
    private final Lane lane;
    private InterruptSink sink = unconnected -> {};
    private boolean underWay;
    private int data;

    /**
     * Nothing is under way.
     *
     * @param device name of the device
     * @param source name of the interrupt for whoever receives it
     * @param arrived told when a message has arrived, or is lost
     */
    public InterruptMessage(
            Scheduler scheduler,
            String device,
            String source,
            RequestPort port,
            PhysicalMemory memory,
            Runnable arrived) {
        this.port = port;
        this.memory = memory;
        this.source = source;
        this.arrived = arrived;
        lane = scheduler.newLane(device + " " + source + " msi", Phase.HARDWARE);
    }

    /** Where interrupts go. */
    public void connect(InterruptSink newSink) {
        sink = newSink;
    }

    /** True while a message has left and has not arrived; no other can be sent then. */
    public boolean underWay() {
        return underWay;
    }

    /** Sends the message. */
    public void send(long address, int newData) {
        underWay = true;
        data = newData;
        port.write(lane, address, 4, this, 0, address);
    }

    @Override
    public void onEvent(int op, long address) {
        underWay = false;
        if (((int) address & RANGE_MASK) == (int) INTERRUPT_RANGE) {
            sink.raised(source);
        } else if (port.reaches(memory, address, true)) {
            memory.write(address, 4, data & 0xffff_ffffL);
            sink.raised(source);
        }
        data = 0;
        arrived.run();
    }
}
