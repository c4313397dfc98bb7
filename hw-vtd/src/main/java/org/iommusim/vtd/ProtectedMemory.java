package org.iommusim.vtd;

import org.iommusim.vtd.spec.Cap;
import org.iommusim.vtd.spec.Reg;

/**
 * The protected memory regions: two ranges of physical memory, one below 4 GiB, that DMA cannot reach while they are on and
 * translation is off.
 *
 * <p>Rules (register descriptions of PMEN and the ranges): a blocked request is not a fault and is not recorded. The unit's
 * own accesses are not held back. While translation is on, hardware may or may not block; this model does not. The ranges
 * have a granule of 1 MiB, which software finds out by writing ones; a limit is the range's last granule.
 */
final class ProtectedMemory {
    private static final int GRANULE_MASK = -1 << 20;
    private static final long GRANULE = 1L << 20;

    private final RegisterFile registers;
    private final Cap cap;

    ProtectedMemory(RegisterFile registers, Cap cap) {
        this.registers = registers;
        this.cap = cap;
    }

    /** A register of this room is written; true if PMEN's command is to take effect later. */
    boolean written(int offset, int value) {
        boolean low = offset == Reg.PLMBASE || offset == Reg.PLMLIMIT;
        if (offset == Reg.PMEN) {
            if (cap.plmr() || cap.phmr()) {
                registers.put(offset, value & Reg.PMEN_EPM | registers.get(offset) & Reg.PMEN_PRS);
                return true;
            }
        } else if ((low ? cap.plmr() : cap.phmr()) && !enabled()) {
            boolean upperHalf = offset == Reg.PHMBASE + 4 || offset == Reg.PHMLIMIT + 4;
            registers.put(offset, upperHalf ? value : value & GRANULE_MASK);
        }
        return false;
    }

    /** What was written to PMEN takes effect. */
    void takeEffect(int value) {
        boolean on = (value & Reg.PMEN_EPM) != 0;
        registers.show(Reg.PMEN, registers.get(Reg.PMEN) & ~Reg.PMEN_PRS | (on ? Reg.PMEN_PRS : 0));
    }

    private boolean enabled() {
        return (registers.get(Reg.PMEN) & Reg.PMEN_PRS) != 0;
    }

    /** True if a request that is not translated must not reach these bytes. */
    boolean blocks(long address, long bytes) {
        if (!enabled()) {
            return false;
        }
        long last = address + bytes - 1;
        return cap.plmr() && overlaps(address, last, low(Reg.PLMBASE), low(Reg.PLMLIMIT))
                || cap.phmr() && overlaps(address, last, registers.get64(Reg.PHMBASE), registers.get64(Reg.PHMLIMIT));
    }

    private long low(int offset) {
        return registers.get(offset) & 0xffff_ffffL;
    }

    private static boolean overlaps(long first, long last, long base, long limit) {
        return Long.compareUnsigned(first, limit + GRANULE - 1) <= 0 && Long.compareUnsigned(last, base) >= 0;
    }
}
