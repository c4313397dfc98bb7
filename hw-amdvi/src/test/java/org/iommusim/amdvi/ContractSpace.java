package org.iommusim.amdvi;

import java.util.Set;
import java.util.TreeSet;
import org.iommusim.amdvi.spec.V1Pte;
import org.iommusim.hw.contract.Space;
import org.iommusim.hw.walk.StageParameters;
import org.iommusim.hw.x86.LongModeTables;
import org.iommusim.hw.x86.X86Pte;
import org.iommusim.sim.memory.PhysicalMemory;

/** An address space of AMD-Vi: four levels of host tables, or of guest tables with the domains and PASIDs that use them. */
final class ContractSpace implements Space {
    /** Levels of its tables. */
    static final int LEVELS = 4;

    private static final long TABLES = AmdViTestbed.FREE + 0x100_0000L;
    private static final long TABLE_BYTES = 0x10_0000L;

    /**
     * Under what a guest's translations are cached.
     *
     * @param domain of the function's device table entry
     */
    record Tag(int domain, int pasid) implements Comparable<Tag> {
        @Override
        public int compareTo(Tag other) {
            return Integer.compare(domain << 20 | pasid, other.domain << 20 | other.pasid);
        }
    }

    final int domain;
    final boolean guest;
    /** Who goes by guest tables. */
    final Set<Tag> users = new TreeSet<>();

    private final AmdViTestbed bed;
    private final PhysicalMemory memory;
    private final StageParameters parameters = new StageParameters();
    private final LongModeTables guestTables;
    private final long hostRoot;

    ContractSpace(AmdViTestbed bed, int domain, boolean guest) {
        this.bed = bed;
        this.domain = domain;
        this.guest = guest;
        memory = bed.memory;
        parameters.startLevel = LEVELS;
        guestTables = new LongModeTables(memory, parameters, X86Pte.table(0), TABLES + domain * TABLE_BYTES, 0);
        hostRoot = bed.page();
    }

    long root() {
        return guest ? parameters.root : hostRoot;
    }

    @Override
    public void map(long iova, long target, int shift, boolean writable) {
        int level = shift == LARGE ? 2 : 1;
        if (guest) {
            long size = shift == LARGE ? X86Pte.PS : 0;
            long writes = writable ? X86Pte.RW : 0;
            guestTables.map(iova, level, target, X86Pte.P | X86Pte.US | X86Pte.A | X86Pte.D | writes | size);
        } else {
            bed.mapHost(hostRoot, LEVELS, iova, level, V1Pte.page(target, true, writable));
        }
    }

    @Override
    public void unmap(long iova) {
        if (guest) {
            memory.write64(guestTables.entry(iova, 1, 0), 0);
        } else {
            bed.mapHost(hostRoot, LEVELS, iova, 1, 0);
        }
    }
}
