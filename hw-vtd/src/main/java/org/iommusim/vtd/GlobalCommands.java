package org.iommusim.vtd;

import org.iommusim.sim.Simulation;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.LongCell;
import org.iommusim.vtd.spec.Cap;
import org.iommusim.vtd.spec.Reg;

/**
 * GCMD and GSTS: what commands do, and what they have taken over.
 *
 * <p>Rules (register description of GCMD): bits of a state act by their difference to GSTS; one-shot bits act when they are
 * written as 1, and their status bit is 0 until they are done. WBFS is the other way around: 1 until the flush is done; the
 * model has no write buffer, so a flush only takes its time. Translation is not enabled before a root table was set, nor
 * interrupt remapping before a table was. QIES becomes 0 when no descriptor is under way; IQH is 0 from then on.
 *
 * <p>One write changes one bit, says the specification. If it changes more, one-shot commands go first and the queue last,
 * and with IRE changes CFI does not: so a program that had CFI set and forgets it when it sets IRE keeps it, as recorded
 * from QEMU.
 * The queue may be switched off while translation is on: a kernel does so with what firmware left behind.
 */
final class GlobalCommands {
    private static final int ONE_SHOT = Reg.SRTP | Reg.SIRTP;

    private final RegisterFile registers;
    private final RegisterFile.Listener listener;
    private final Cap cap;
    private final LongCell rootTable;
    private final LongCell interruptTable;
    private final IntCell queueStopping;
    /** TE and IRE as they work; their status follows when what was under way before is through. */
    private final IntCell enabled;
    /** RTPS and IRTPS that are to be shown when what used the old tables is through. */
    private final IntCell pending;

    GlobalCommands(Simulation sim, RegisterFile registers, Cap cap, RegisterFile.Listener listener) {
        this.registers = registers;
        this.cap = cap;
        this.listener = listener;
        rootTable = new LongCell(sim.world(), RegisterFile.REGISTER, sim.world().nextInstance(), 0);
        interruptTable =
                new LongCell(sim.world(), RegisterFile.REGISTER, sim.world().nextInstance(), 0);
        queueStopping =
                new IntCell(sim.world(), RegisterFile.REGISTER, sim.world().nextInstance(), 0);
        enabled = new IntCell(sim.world(), RegisterFile.REGISTER, sim.world().nextInstance(), 0);
        pending = new IntCell(sim.world(), RegisterFile.REGISTER, sim.world().nextInstance(), 0);
    }

    /** GCMD is written: the status of one-shot commands says at once that they are not done. */
    void written(int command) {
        int status = registers.get(Reg.GSTS) & ~(command & ONE_SHOT & offered());
        boolean flush = cap.rwbf() && (command & Reg.WBF) != 0;
        registers.put(Reg.GSTS, flush ? status | Reg.WBF : status);
    }

    /** A command takes effect. */
    void takeEffect(int command) {
        int wanted = command & offered();
        if ((wanted & Reg.SRTP) != 0) {
            rootTable.set(registers.get64(Reg.RTADDR));
            pending.set(pending.get() | Reg.SRTP);
            listener.rootTableSet();
        }
        if ((wanted & Reg.SIRTP) != 0) {
            interruptTable.set(registers.get64(Reg.IRTA));
            pending.set(pending.get() | Reg.SIRTP);
            listener.interruptTableSet();
        }
        if ((wanted & Reg.WBF) != 0) {
            set(Reg.WBF, false);
        }
        enables(wanted);
        queue((wanted & Reg.QIE) != 0);
    }

    /** Bits of features that are absent are reserved. */
    private int offered() {
        return Reg.TE
                | Reg.SRTP
                | (cap.qi() ? Reg.QIE : 0)
                | (cap.rwbf() ? Reg.WBF : 0)
                | (cap.ir() ? Reg.IRE | Reg.SIRTP | Reg.CFI : 0);
    }

    private void enables(int wanted) {
        int before = enabled.get();
        int pointers = (registers.get(Reg.GSTS) | pending.get()) & ONE_SHOT;
        boolean translation = ((before & Reg.TE) | pointers & Reg.SRTP) != 0;
        boolean remapping = ((before & Reg.IRE) | pointers & Reg.SIRTP) != 0;
        int now = wanted & ((translation ? Reg.TE : 0) | (remapping ? Reg.IRE : 0));
        int changed = now ^ before;
        if ((changed & Reg.IRE) == 0) {
            set(Reg.CFI, (wanted & Reg.CFI) != 0);
        }
        if (changed != 0) {
            enabled.set(now);
            listener.enablesChanged(changed & ~now);
        }
    }

    /** What was under way when a table or an enable changed is through: software may know of the change. */
    void settled() {
        int status = registers.get(Reg.GSTS) & ~(Reg.TE | Reg.IRE);
        registers.show(Reg.GSTS, status | enabled.get() | pending.get());
        pending.set(0);
    }

    /** TE or IRE as it works. */
    boolean enabled(int bit) {
        return (enabled.get() & bit) != 0;
    }

    private void queue(boolean on) {
        boolean is = registers.queueEnabled() && !queueStopping();
        if (on == is) {
            return;
        }
        if (on) {
            queueStopping.set(0);
            set(Reg.QIE, true);
            listener.queueChanged(true);
        } else if (listener.queueWorking()) {
            queueStopping.set(1);
        } else {
            disableQueue();
        }
    }

    private void disableQueue() {
        queueStopping.set(0);
        set(Reg.QIE, false);
        registers.show(Reg.IQH, 0);
        listener.queueDisabled();
    }

    boolean queueStopping() {
        return queueStopping.get() != 0;
    }

    /** The queue does nothing any more: if it is to go off, it is off now. */
    void queueIdle() {
        if (queueStopping()) {
            disableQueue();
        }
    }

    private void set(int bit, boolean on) {
        int status = registers.get(Reg.GSTS);
        registers.show(Reg.GSTS, on ? status | bit : status & ~bit);
    }

    /** RTADDR as it was taken over. */
    long rootTable() {
        return rootTable.get();
    }

    /** IRTA as it was taken over. */
    long interruptTable() {
        return interruptTable.get();
    }
}
