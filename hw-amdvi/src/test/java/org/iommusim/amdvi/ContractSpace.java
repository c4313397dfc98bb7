package org.iommusim.amdvi;

import java.util.Set;
import java.util.TreeSet;
import org.iommusim.amdvi.spec.V1Pte;
import org.iommusim.hw.contract.Space;
import org.iommusim.hw.walk.StageParameters;
import org.iommusim.hw.x86.LongModeTables;
import org.iommusim.hw.x86.X86Pte;

/**
 * An address space of AMD-Vi: four levels of host tables, of guest tables, or of guest tables over host tables that all spaces of
 * the machine have in common; with the domains and PASIDs that use guest tables.
 */
final class ContractSpace implements Space {
    /** Levels of its tables. */
    static final int LEVELS = 4;

    private static final long FIRST_TABLES = AmdViTestbed.FREE + 0x100_0000L;
    private static final int TABLE_PAGES = 16;

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
    private final StageParameters parameters = new StageParameters();
    private final LongModeTables guestTables;
    private final long hostRoot;
    /** What to add to a host address to get one that guest tables say. */
    private final long distance;

    /** Makes it empty; {@code below} are the host tables below guest tables, or 0. */
    ContractSpace(AmdViTestbed bed, int domain, boolean guest, long below) {
        this.bed = bed;
        this.domain = domain;
        this.guest = guest;
        parameters.startLevel = LEVELS;
        distance = below == 0 ? 0 : GUEST;
        long first = FIRST_TABLES + ((long) domain << TABLES);
        guestTables = new LongModeTables(bed.memory, parameters, X86Pte.table(0), first + distance, -distance);
        hostRoot = below == 0 ? bed.page() : below;
        for (int page = 0; page < TABLE_PAGES; page++) {
            mapBelow(first + ((long) page << SMALL), SMALL);
        }
    }

    private void mapBelow(long address, int shift) {
        if (distance != 0) {
            bed.mapHost(hostRoot, LEVELS, address + distance, level(shift), V1Pte.page(address, true, true));
        }
    }

    private static int level(int shift) {
        return shift == LARGE ? 2 : 1;
    }

    long root() {
        return guest ? parameters.root : hostRoot;
    }

    @Override
    public void map(long iova, long target, int shift, boolean writable) {
        int level = level(shift);
        if (guest) {
            mapBelow(target, shift);
            long size = shift == LARGE ? X86Pte.PS : 0;
            long writes = writable ? X86Pte.RW : 0;
            guestTables.map(iova, level, target + distance, X86Pte.P | X86Pte.US | X86Pte.A | X86Pte.D | writes | size);
        } else {
            bed.mapHost(hostRoot, LEVELS, iova, level, V1Pte.page(target, true, writable));
        }
    }

    @Override
    public void unmap(long iova) {
        if (guest) {
            bed.memory.write64(guestTables.entry(iova, 1, 0), 0);
        } else {
            bed.mapHost(hostRoot, LEVELS, iova, 1, 0);
        }
    }
}
