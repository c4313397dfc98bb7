package org.iommusim.smmuv3;

import org.iommusim.hw.contract.Space;
import org.iommusim.sim.memory.PhysicalMemory;
import org.iommusim.smmuv3.format.Vmsav8;

/** An address space of an SMMU: VMSAv8-64 tables of one stage, and the ASID or VMID under which it is cached. */
final class ContractSpace implements Space {
    private static final long TABLES = Smmuv3Testbed.FREE + 0x100_0000L;
    private static final long TABLE_BYTES = 0x10_0000L;
    /** Stage 2: may be written (S2AP[1]). */
    private static final long S2_WRITE = 1 << 7;

    final int tag;

    private final boolean first;
    private final Vmsav8Tables tables;

    ContractSpace(PhysicalMemory memory, int tag, boolean first) {
        this.tag = tag;
        this.first = first;
        tables = new Vmsav8Tables(memory, TABLES + tag * TABLE_BYTES, 0);
    }

    long root() {
        return tables.root();
    }

    @Override
    public void map(long iova, long target, int shift, boolean writable) {
        long bits = first
                ? (writable ? Vmsav8Tables.S1_PAGE : Vmsav8Tables.S1_READ_ONLY) | Vmsav8.NG
                : writable ? Vmsav8Tables.S2_PAGE : Vmsav8Tables.S2_PAGE & ~S2_WRITE;
        if (shift == LARGE) {
            tables.mapBlock(iova, target, bits);
        } else {
            tables.map(iova, target, bits);
        }
    }

    @Override
    public void unmap(long iova) {
        tables.put(iova, 3, 0);
    }
}
