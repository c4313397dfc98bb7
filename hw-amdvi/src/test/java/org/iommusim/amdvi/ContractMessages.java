package org.iommusim.amdvi;

import java.util.Map;
import java.util.TreeMap;
import org.iommusim.amdvi.spec.Cmd;
import org.iommusim.amdvi.spec.Dte;
import org.iommusim.amdvi.spec.Irte;
import org.iommusim.hw.contract.Messages;

/** Interrupt remapping: each function has a table of its own with 32-bit entries, of which the first is used. */
final class ContractMessages implements Messages {
    private static final int LOG2_ENTRIES = 5;
    private static final int DESTINATION = 1;
    /** A message of a fixed, edge-triggered interrupt that arrives. */
    private static final int ASSERTED = 0x4000;

    private final AmdViTestbed bed;
    private final Map<Integer, Long> tables = new TreeMap<>();

    ContractMessages(AmdViTestbed bed) {
        this.bed = bed;
    }

    private long table(int function) {
        return tables.computeIfAbsent(function, nobody -> bed.page());
    }

    /** Adds to a device table entry that interrupts are remapped. */
    void describe(int function, long[] words) {
        Dte.IV.put(words, 1);
        Dte.INT_TAB_LEN.put(words, LOG2_ENTRIES);
        Dte.INT_TAB_ROOT.putInPlace(words, table(function));
        Dte.INT_CTL.put(words, Dte.INTCTL_REMAP);
    }

    @Override
    public long address(int function) {
        return Irte.MESSAGE_FIRST;
    }

    @Override
    public int data(int vector) {
        return ASSERTED | vector;
    }

    @Override
    public void remap(int function, int vector) {
        entry(function, Irte.basic(vector, DESTINATION));
    }

    @Override
    public void clear(int function) {
        entry(function, 0);
    }

    private void entry(int function, int entry) {
        bed.memory.write(table(function), Irte.BASIC_BYTES, entry & 0xffff_ffffL);
    }

    @Override
    public void forget(int function) {
        bed.put(Cmd.invalidateInterruptTable0(function), 0);
    }
}
