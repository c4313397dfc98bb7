package org.iommusim.amdvi;

import org.iommusim.amdvi.spec.AmdViVariables;
import org.iommusim.amdvi.spec.Control;
import org.iommusim.amdvi.spec.Efr;
import org.iommusim.amdvi.spec.Event;
import org.iommusim.amdvi.spec.Reg;
import org.iommusim.sim.Simulation;
import org.iommusim.sim.memory.PhysicalMemory;
import org.iommusim.sim.program.WaitQueue;
import org.iommusim.sim.world.LongArrayCell;

/** What software talks to: registers and the event log. */
final class ControlUnit implements UnitState, EventSink {
    private final Efr efr;
    private final PhysicalMemory memory;
    private final WaitQueue changed;
    private final LongArrayCell words;

    ControlUnit(Simulation sim, Efr efr, PhysicalMemory memory, WaitQueue changed) {
        this.efr = efr;
        this.memory = memory;
        this.changed = changed;
        words = new LongArrayCell(
                sim.world(), AmdViVariables.REGISTER, sim.world().nextInstance(), (int) Reg.BYTES / Long.BYTES);
    }

    WaitQueue changed() {
        return changed;
    }

    long read(long offset, int bytes) {
        int register = (int) offset & -Long.BYTES;
        long value = register == Reg.EFR ? efr.efr() : register == Reg.EFR2 ? efr.efr2() : get(register);
        return bytes == Long.BYTES ? value : value >>> 8 * (offset & 4) & 0xffff_ffffL;
    }

    void write(long offset, int bytes, long value) {
        int shift = 8 * (int) (offset & 4);
        long mask = bytes == Long.BYTES ? -1L : 0xffff_ffffL << shift;
        int register = (int) offset & -Long.BYTES;
        words.set(register / Long.BYTES, get(register) & ~mask | value << shift & mask);
    }

    private long get(int register) {
        return words.get(register / Long.BYTES);
    }

    @Override
    public long control() {
        return get(Reg.CONTROL);
    }

    @Override
    public long deviceTable(int segment) {
        return get(Reg.deviceTableBase(segment));
    }

    @Override
    public long exclusionBase() {
        return get(Reg.EXCL_BASE);
    }

    @Override
    public long exclusionLimit() {
        return get(Reg.EXCL_LIMIT);
    }

    @Override
    public void record(long w0, long w1) {
        if (!Control.EVENT_LOG_EN.isSet(control())) {
            return;
        }
        long at = Reg.BASE.inPlace(get(Reg.EVT_LOG_BASE)) + get(Reg.EVT_TAIL);
        memory.write64(at, w0);
        memory.write64(at + Long.BYTES, w1);
        words.set(Reg.EVT_TAIL / Long.BYTES, (get(Reg.EVT_TAIL) + Event.BYTES) % 0x1000);
    }
}
