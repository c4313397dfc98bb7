package org.iommusim.smmuv3;

import org.iommusim.hw.iommu.InterruptSink;
import org.iommusim.hw.walk.RequestPort;
import org.iommusim.sim.event.EventHandler;
import org.iommusim.sim.event.Lane;
import org.iommusim.sim.event.Phase;
import org.iommusim.sim.event.Scheduler;
import org.iommusim.sim.memory.PhysicalMemory;
import org.iommusim.smmuv3.spec.Reg;

/**
 * Interrupts of the event queue and of global errors: a wire, or, if an MSI address is configured, a write of the MSI's
 * data to memory before the interrupt is told. An MSI that is pending is not sent twice.
 */
final class Interrupts implements EventHandler {
    static final String EVENTQ = "eventq";
    static final String PRIQ = "priq";
    static final String GERROR = "gerror";
    static final String CMD_SYNC = "cmd-sync";

    private static final int OP_EVENTQ = 0;
    private static final int OP_GERROR = 1;
    private static final int OP_PRIQ = 2;

    private final RegisterFile registers;
    private final RequestPort port;
    private final PhysicalMemory memory;
    private final Lane eventLane;
    private final Lane errorLane;
    private final Lane pageLane;
    private InterruptSink sink = source -> {};
    private boolean eventPending;
    private boolean errorPending;
    private boolean pagePending;

    Interrupts(Scheduler scheduler, String name, RegisterFile registers, RequestPort port, PhysicalMemory memory) {
        this.registers = registers;
        this.port = port;
        this.memory = memory;
        eventLane = scheduler.newLane(name + " eventq msi", Phase.HARDWARE);
        pageLane = scheduler.newLane(name + " priq msi", Phase.HARDWARE);
        errorLane = scheduler.newLane(name + " gerror msi", Phase.HARDWARE);
    }

    void connect(InterruptSink newSink) {
        sink = newSink;
    }

    /** The event queue became non-empty. */
    void eventQueue() {
        if (!registers.interruptEnabled(Reg.IRQ_CTRL_EVENTQ)) {
            return;
        }
        long address = registers.msiAddress(Reg.EVENTQ_IRQ_CFG0);
        if (address == 0) {
            sink.raised(EVENTQ);
        } else if (!eventPending) {
            eventPending = true;
            port.write(eventLane, address, 4, this, OP_EVENTQ, address);
        }
    }

    /** The PRI queue became non-empty, or a group is complete. */
    void pageQueue() {
        if (!registers.interruptEnabled(Reg.IRQ_CTRL_PRIQ)) {
            return;
        }
        long address = registers.msiAddress(Reg.PRIQ_IRQ_CFG0);
        if (address == 0) {
            sink.raised(PRIQ);
        } else if (!pagePending) {
            pagePending = true;
            port.write(pageLane, address, 4, this, OP_PRIQ, address);
        }
    }

    /** A global error became active. That its own interrupt cannot be sent is none to send it for. */
    void globalError(int bit) {
        if (!registers.interruptEnabled(Reg.IRQ_CTRL_GERROR) || bit == Reg.GERROR_MSI_GERROR_ABT_ERR) {
            return;
        }
        long address = registers.msiAddress(Reg.GERROR_IRQ_CFG0);
        if (address == 0) {
            sink.raised(GERROR);
        } else if (!errorPending) {
            errorPending = true;
            port.write(errorLane, address, 4, this, OP_GERROR, address);
        }
    }

    /** The interrupts, as bits of IRQ_CTRL, whose MSI is on its way. */
    int underWay() {
        return (eventPending ? Reg.IRQ_CTRL_EVENTQ : 0)
                | (pagePending ? Reg.IRQ_CTRL_PRIQ : 0)
                | (errorPending ? Reg.IRQ_CTRL_GERROR : 0);
    }

    /** A CMD_SYNC that asks for an interrupt without an MSI is complete. */
    void sync() {
        sink.raised(CMD_SYNC);
    }

    @Override
    public void onEvent(int op, long address) {
        if (op == OP_EVENTQ) {
            eventPending = false;
            deliver(address, Reg.EVENTQ_IRQ_CFG0, Reg.GERROR_MSI_EVENTQ_ABT_ERR, EVENTQ);
            registers.interruptSent(Reg.IRQ_CTRL_EVENTQ);
        } else if (op == OP_PRIQ) {
            pagePending = false;
            deliver(address, Reg.PRIQ_IRQ_CFG0, Reg.GERROR_MSI_PRIQ_ABT_ERR, PRIQ);
            registers.interruptSent(Reg.IRQ_CTRL_PRIQ);
        } else {
            errorPending = false;
            deliver(address, Reg.GERROR_IRQ_CFG0, Reg.GERROR_MSI_GERROR_ABT_ERR, GERROR);
            registers.interruptSent(Reg.IRQ_CTRL_GERROR);
        }
    }

    private void deliver(long address, int config, int abortBit, String source) {
        if (port.reaches(memory, address, true)) {
            memory.write(address, 4, registers.msiData(config) & 0xffff_ffffL);
            sink.raised(source);
        } else {
            registers.raise(abortBit);
        }
    }
}
