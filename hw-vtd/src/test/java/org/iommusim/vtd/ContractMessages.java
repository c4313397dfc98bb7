package org.iommusim.vtd;

import org.iommusim.hw.contract.Messages;
import org.iommusim.vtd.spec.Inv;
import org.iommusim.vtd.spec.Irte;
import org.iommusim.vtd.spec.Reg;

/** Interrupt remapping: one entry, which every function may use. */
final class ContractMessages implements Messages {
    private static final int DESTINATION = 1 << 8;
    /** A message of a fixed, edge-triggered interrupt that arrives. */
    private static final int ASSERTED = 0x4000;

    private final VtdTestbed bed;
    private final long table;

    ContractMessages(VtdTestbed bed) {
        this.bed = bed;
        table = bed.page();
        bed.write64(Reg.IRTA, table);
        bed.command(Reg.SIRTP);
        bed.command(Reg.IRE);
    }

    @Override
    public long address() {
        return Irte.messageAddress(0, false);
    }

    @Override
    public int data(int vector) {
        return ASSERTED | vector;
    }

    @Override
    public void remap(int function, int vector) {
        bed.words(table, Irte.remapped(vector, DESTINATION, 0));
    }

    @Override
    public void clear(int function) {
        bed.words(table, 0, 0);
    }

    @Override
    public void forget(int function) {
        bed.put(Inv.iecIndex0(0, 0), 0);
    }
}
