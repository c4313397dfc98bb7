package org.iommusim.vtd;

import org.iommusim.sim.Simulation;
import org.iommusim.sim.stats.Counter;
import org.iommusim.sim.stats.Statistics;
import org.iommusim.sim.trace.TraceSink;
import org.iommusim.sim.world.IntCell;
import org.iommusim.vtd.spec.Frcd;
import org.iommusim.vtd.spec.Reg;

/**
 * Records faults in the fault recording registers, and tells of them and of the invalidation queue's errors.
 *
 * <p>Rules (primary fault logging; register descriptions of FSTS and FRCD): the registers are used in turn. FRI says which
 * one was written when the first fault came. If the register whose turn it is still holds a fault, PFO is set and the fault
 * is lost, and so is every other one until software clears PFO. PPF is the OR of all F. A fault of a source that has one
 * recorded already need not be recorded; the model collapses them if it is asked to. There is an event only if no status
 * bit was set before.
 */
final class FaultRecorder {
    private static final int CONDITIONS = Reg.FSTS_PFO | Reg.FSTS_PPF | Reg.FSTS_IQE | Reg.FSTS_ICE | Reg.FSTS_ITE;

    private final RegisterFile registers;
    private final Interrupts interrupts;
    private final Simulation sim;
    private final TraceSink trace;
    private final String track;
    private final boolean collapses;
    private final int first;
    private final int records;
    private final IntCell next;
    private final Counter recorded;
    private final Counter lost;
    private final Counter collapsed;

    FaultRecorder(Simulation sim, String name, VtdParameters p, RegisterFile registers, Interrupts interrupts) {
        this.sim = sim;
        this.registers = registers;
        this.interrupts = interrupts;
        trace = sim.trace();
        track = name + " faults";
        collapses = p.flag("collapse_faults");
        first = registers.cap().faultRecordOffset();
        records = registers.cap().faultRecords();
        next = new IntCell(sim.world(), RegisterFile.REGISTER, sim.world().nextInstance(), 0);
        registers.connect(this);
        Statistics statistics = sim.statistics().under(name + ".faults");
        recorded = statistics.counter("recorded", "faults", "faults recorded");
        lost = statistics.counter("lost", "faults", "faults lost because of an overflow");
        collapsed = statistics.counter("collapsed", "faults", "faults of a source that had one recorded already");
    }

    /** Records a fault; that it is not to be suppressed has been found out before. */
    void record(Fault fault) {
        long w0 = Frcd.word0(fault.address());
        long w1 = Frcd.word1(
                fault.reason(),
                fault.sid(),
                fault.pasid(),
                fault.type(),
                fault.execute(),
                fault.privileged(),
                fault.at());
        if (trace.detailed()) {
            trace.instant(track, sim.now(), "fault", Frcd.text(w0, w1));
        }
        if ((registers.get(Reg.FSTS) & Reg.FSTS_PFO) != 0) {
            lost.increment();
        } else if (collapses && hasFaultOf(fault.sid())) {
            collapsed.increment();
        } else if (holdsFault(next.get())) {
            lost.increment();
            registers.show(Reg.FSTS, registers.get(Reg.FSTS) | Reg.FSTS_PFO);
        } else {
            write(w0, w1 | Frcd.F.mask());
        }
    }

    private void write(long w0, long w1) {
        int index = next.get();
        next.set((index + 1) % records);
        recorded.increment();
        registers.put64(offset(index), w0);
        registers.put64(offset(index) + 8, w1);
        int status = registers.get(Reg.FSTS);
        if ((status & Reg.FSTS_PPF) == 0) {
            registers.show(Reg.FSTS, status & ~Reg.FSTS_FRI | index << Reg.FSTS_FRI_SHIFT | Reg.FSTS_PPF);
            tell(status);
        }
    }

    /** An error of the invalidation queue: IQE, ICE or ITE of FSTS. */
    void queueError(int bit) {
        int status = registers.get(Reg.FSTS);
        registers.show(Reg.FSTS, status | bit);
        tell(status);
    }

    private void tell(int before) {
        if ((before & CONDITIONS) == 0) {
            interrupts.fault().raise();
        }
    }

    /** Software has cleared an F: PPF follows. */
    void recordCleared() {
        for (int index = 0; index < records; index++) {
            if (holdsFault(index)) {
                return;
            }
        }
        registers.show(Reg.FSTS, registers.get(Reg.FSTS) & ~(Reg.FSTS_PPF | Reg.FSTS_FRI));
        statusCleared();
    }

    /** Software has cleared bits of FSTS: if none is left, there is nothing to tell any more. */
    void statusCleared() {
        if ((registers.get(Reg.FSTS) & CONDITIONS) == 0) {
            interrupts.fault().serviced();
        }
    }

    private boolean hasFaultOf(int sid) {
        for (int index = 0; index < records; index++) {
            if (holdsFault(index) && Frcd.SID.getInt(registers.get64(offset(index) + 8)) == sid) {
                return true;
            }
        }
        return false;
    }

    private boolean holdsFault(int index) {
        return Frcd.F.isSet(registers.get64(offset(index) + 8));
    }

    private int offset(int index) {
        return first + index * Frcd.BYTES;
    }
}
