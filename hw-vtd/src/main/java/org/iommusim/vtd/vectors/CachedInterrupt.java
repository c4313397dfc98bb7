package org.iommusim.vtd.vectors;

import org.iommusim.hw.conform.CachedResult;
import org.iommusim.vtd.format.InterruptEntry;
import org.iommusim.vtd.spec.FaultReason;
import org.iommusim.vtd.spec.Inv;
import org.iommusim.vtd.spec.Irte;

/** One interrupt message and what a unit may keep of it: its entry of the table, if that is legal. */
final class CachedInterrupt implements CachedResult {
    private final int index;
    private final boolean kept;
    private boolean dropped;

    CachedInterrupt(TableReader tables, long address, int data) {
        index = Irte.index(address, data);
        boolean looksUp = tables.remapsInterrupts() && (address & Irte.MESSAGE_REMAPPABLE) != 0;
        long[] entry = looksUp ? tables.interruptEntry(index) : null;
        kept = entry != null && InterruptEntry.checkEntry(entry) == FaultReason.NONE;
    }

    @Override
    public void completed(long[] command) {
        dropped |= Inv.type(command[0]) == Inv.IEC && covers(command[0]);
    }

    private boolean covers(long w0) {
        return !Inv.IEC_SELECTIVE.isSet(w0) || (Inv.IIDX.getInt(w0) ^ index) >>> Inv.IM.getInt(w0) == 0;
    }

    @Override
    public boolean allowed() {
        return kept && !dropped;
    }
}
