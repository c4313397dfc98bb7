package org.iommusim.vtd;

import org.iommusim.hw.control.InterruptMessage;
import org.iommusim.hw.iommu.InterruptSink;
import org.iommusim.hw.walk.RequestPort;
import org.iommusim.sim.event.Scheduler;
import org.iommusim.sim.memory.PhysicalMemory;
import org.iommusim.vtd.spec.Reg;

/**
 * One of the three events that a unit can interrupt with: its control register (IM, IP), and its message.
 *
 * <p>Rules (register descriptions of FECTL, IECTL and PECTL): a new condition sets IP. While IM is set nothing is sent; the
 * message goes out when software clears IM. IP is cleared when the message goes out, or when software has dealt with the
 * condition before that. A message that has gone out is not taken back by IM.
 */
final class EventInterrupt {
    private final RegisterFile registers;
    private final int control;
    private final InterruptMessage message;

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
        this.control = control;
        message = new InterruptMessage(scheduler, name, source, port, memory, this::send);
    }

    void connect(InterruptSink sink) {
        message.connect(sink);
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
        if ((state & Reg.EVENT_IP) == 0 || (state & Reg.EVENT_IM) != 0 || message.underWay()) {
            return;
        }
        registers.show(control, state & ~Reg.EVENT_IP);
        message.send(registers.get64(control + Reg.EVENT_ADDR), registers.get(control + Reg.EVENT_DATA));
    }
}
