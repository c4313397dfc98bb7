package org.iommusim.smmuv3;

import org.iommusim.hw.contract.Space;
import org.iommusim.sim.memory.PhysicalMemory;
import org.iommusim.smmuv3.format.Vmsav8;
import org.jspecify.annotations.Nullable;

/**
 * An address space of an SMMU: VMSAv8-64 tables of one stage, or of stage 1 over a stage 2 that all spaces of the machine have in
 * common, and the ASID or VMID under which it is cached.
 */
final class ContractSpace implements Space {
    private static final long FIRST_TABLES = Smmuv3Testbed.FREE + 0x100_0000L;
    private static final int TABLE_PAGES = 16;
    /** Stage 2: may be written (S2AP[1]). */
    private static final long S2_WRITE = 1 << 7;

    final int tag;

    private final boolean first;
    private final Vmsav8Tables tables;
    private final @Nullable Vmsav8Tables host;
    /** What to add to a host address to get one that the tables say. */
    private final long guest;

    /** Makes it empty; {@code host} is stage 2 below stage 1, if there is one. */
    ContractSpace(PhysicalMemory memory, int tag, boolean first, @Nullable Vmsav8Tables host) {
        this.tag = tag;
        this.first = first;
        this.host = host;
        guest = host == null ? 0 : GUEST;
        long table = FIRST_TABLES + ((long) tag << TABLES);
        tables = new Vmsav8Tables(memory, table + guest, -guest);
        for (int page = 0; page < TABLE_PAGES; page++) {
            mapHost(table + ((long) page << SMALL), SMALL);
        }
    }

    private void mapHost(long address, int shift) {
        if (host != null && shift == LARGE) {
            host.mapBlock(address + guest, address, Vmsav8Tables.S2_PAGE);
        } else if (host != null) {
            host.map(address + guest, address, Vmsav8Tables.S2_PAGE);
        }
    }

    long root() {
        return tables.root();
    }

    @Override
    public void map(long iova, long target, int shift, boolean writable) {
        mapHost(target, shift);
        long bits = first
                ? (writable ? Vmsav8Tables.S1_PAGE : Vmsav8Tables.S1_READ_ONLY) | Vmsav8.NG
                : writable ? Vmsav8Tables.S2_PAGE : Vmsav8Tables.S2_PAGE & ~S2_WRITE;
        if (shift == LARGE) {
            tables.mapBlock(iova, target + guest, bits);
        } else {
            tables.map(iova, target + guest, bits);
        }
    }

    @Override
    public void unmap(long iova) {
        tables.put(iova, 3, 0);
    }
}
