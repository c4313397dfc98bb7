package org.iommusim.vtd;

import org.iommusim.hw.iommu.InterruptSink;
import org.iommusim.hw.walk.RequestPort;
import org.iommusim.sim.event.EventHandler;
import org.iommusim.sim.event.Lane;
import org.iommusim.sim.event.Phase;
import org.iommusim.sim.event.Scheduler;
import org.iommusim.sim.memory.PhysicalMemory;
import org.iommusim.vtd.spec.Reg;

/**
 * One of the three events that a unit can interrupt with: its control register (IM, IP), and its message, which is written
 * through the port to memory before the interrupt is told.
 *
 * <p>Rules (register descriptions of FECTL, IECTL and PECTL): a new condition sets IP. While IM is set nothing is sent; the
 * message goes out when software clears IM. IP is cleared when the message goes out, or when software has dealt with the
 * condition before that. A message that has gone out is not taken back by IM. The unit's own messages are not remapped.
 *
 * <p>A message to the interrupt range is an interrupt; one to memory is written there first, so that it can be seen; one
 * that reaches neither is lost.
 */
final class EventInterrupt implements EventHandler {
    private static final int INTERRUPT_RANGE = 0xfee0_0000;
    private static final int INTERRUPT_RANGE_MASK = 0xfff0_0000;

    private final RegisterFile registers;
    private final RequestPort port;
    private final PhysicalMemory memory;
    private final int control;
    private final String source;
    private final Lane lane;
    private InterruptSink sink = unconnected -> {};
    /** A message has left and has not arrived. */
    private boolean underWay;

    /**
     * Nothing is pending.
     *
     * @param control offset of the event's control register
     * @param source name of the interrupt for whoever receives it
     */
    EventInterrupt(
            Scheduler scheduler,
            String name,
            RegisterFile registers,
            RequestPort port,
            PhysicalMemory memory,
            int control,
            String source) {
        this.registers = registers;
        this.port = port;
        this.memory = memory;
        this.control = control;
        this.source = source;
        lane = scheduler.newLane(name + " " + source + " msi", Phase.HARDWARE);
    }

    void connect(InterruptSink newSink) {
        sink = newSink;
    }

    int control() {
        return control;
    }

    /** The condition has come up. */
    void raise() {
        registers.show(control, registers.get(control) | Reg.EVENT_IP);
        send();
    }

    /** Software has dealt with the condition. */
    void serviced() {
        registers.show(control, registers.get(control) & ~Reg.EVENT_IP);
    }

    /** Sends what is pending, unless it is masked. Also called when software has written the control register. */
    void send() {
        int state = registers.get(control);
        if ((state & Reg.EVENT_IP) == 0 || (state & Reg.EVENT_IM) != 0 || underWay) {
            return;
        }
        registers.show(control, state & ~Reg.EVENT_IP);
        underWay = true;
        long address = registers.get64(control + Reg.EVENT_ADDR);
        port.write(lane, address, 4, this, 0, address);
    }

    @Override
    public void onEvent(int op, long address) {
        underWay = false;
        boolean interrupt = ((int) address & INTERRUPT_RANGE_MASK) == INTERRUPT_RANGE;
        if (interrupt) {
            sink.raised(source);
        } else if (port.reaches(memory, address, true)) {
            memory.write(address, 4, registers.get(control + Reg.EVENT_DATA) & 0xffff_ffffL);
            sink.raised(source);
        }
        send();
    }
}
