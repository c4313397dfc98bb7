package org.iommusim.vtd;

import org.iommusim.hw.contract.Messages;
import org.iommusim.vtd.spec.Inv;
import org.iommusim.vtd.spec.Irte;
import org.iommusim.vtd.spec.Reg;

/** Interrupt remapping: one table, of which each function has the entry of the lower byte of its number. */
final class ContractMessages implements Messages {
    private static final int DESTINATION = 1 << 8;
    private static final int SIZE_256 = 7;
    /** A message of a fixed, edge-triggered interrupt that arrives. */
    private static final int ASSERTED = 0x4000;

    private final VtdTestbed bed;
    private final long table;

    ContractMessages(VtdTestbed bed) {
        this.bed = bed;
        table = bed.page();
        bed.write64(Reg.IRTA, table | SIZE_256);
        bed.command(Reg.SIRTP);
        bed.command(Reg.IRE);
    }

    @Override
    public long address(int function) {
        return Irte.messageAddress(index(function), false);
    }

    private static int index(int function) {
        return function & 0xff;
    }

    private long entry(int function) {
        return table + (long) index(function) * Irte.BYTES;
    }

    @Override
    public int data(int vector) {
        return ASSERTED | vector;
    }

    @Override
    public void remap(int function, int vector) {
        bed.words(entry(function), Irte.remapped(vector, DESTINATION, 0));
    }

    @Override
    public void clear(int function) {
        bed.words(entry(function), 0, 0);
    }

    @Override
    public void forget(int function) {
        bed.put(Inv.iecIndex0(index(function), 0), 0);
    }
}
