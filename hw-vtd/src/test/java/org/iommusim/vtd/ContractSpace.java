package org.iommusim.vtd;

import java.util.TreeSet;
import org.iommusim.hw.contract.Space;
import org.iommusim.hw.walk.StageParameters;
import org.iommusim.hw.x86.LongModeTables;
import org.iommusim.hw.x86.X86Pte;
import org.iommusim.vtd.spec.PasidEntry;
import org.iommusim.vtd.spec.SsPte;

/**
 * An address space of VT-d: four levels of a first stage, of a second stage, or of a first stage over a second one that all
 * spaces of the machine have in common; a domain id, and the PASIDs under which it is used.
 */
final class ContractSpace implements Space {
    /** Levels of its tables. */
    static final int LEVELS = 4;

    private static final long FIRST_TABLES = VtdTestbed.FREE + 0x100_0000L;
    private static final int TABLE_PAGES = 16;

    final int did;
    final boolean firstStage;
    /** PASIDs whose entries lead here; 0 for requests without one. */
    final TreeSet<Integer> pasids = new TreeSet<>();

    private final VtdTestbed bed;
    private final StageParameters parameters = new StageParameters();
    private final LongModeTables tables;
    private final long hostRoot;
    /** What to add to a host address to get one that the tables say. */
    private final long guest;

    /** Makes it empty; {@code hostRoot} is the second stage below it, or 0. */
    ContractSpace(VtdTestbed bed, int did, boolean firstStage, long hostRoot) {
        this.bed = bed;
        this.did = did;
        this.firstStage = firstStage;
        this.hostRoot = hostRoot;
        guest = hostRoot == 0 ? 0 : GUEST;
        parameters.startLevel = LEVELS;
        long tableBits = firstStage ? X86Pte.table(0) : SsPte.table(0);
        long first = FIRST_TABLES + ((long) did << TABLES);
        tables = new LongModeTables(bed.memory, parameters, tableBits, first + guest, -guest);
        for (int page = 0; page < TABLE_PAGES; page++) {
            mapHost(first + ((long) page << SMALL), SMALL);
        }
    }

    private void mapHost(long address, int shift) {
        if (guest != 0) {
            bed.mapSecond(hostRoot, LEVELS, address + guest, address, shift == LARGE ? 1 : 0, SsPte.R | SsPte.W);
        }
    }

    /** The entry of a PASID that goes by it. */
    long[] entry() {
        if (!firstStage) {
            return PasidEntry.secondStage(root(), LEVELS, did);
        }
        return guest == 0
                ? PasidEntry.firstStage(root(), LEVELS, did)
                : PasidEntry.nested(PasidEntry.secondStage(hostRoot, LEVELS, did), root(), LEVELS, did);
    }

    long root() {
        return parameters.root;
    }

    @Override
    public void map(long iova, long target, int shift, boolean writable) {
        mapHost(target, shift);
        long bits = firstStage
                ? X86Pte.P
                        | X86Pte.US
                        | X86Pte.A
                        | X86Pte.D
                        | (writable ? X86Pte.RW : 0)
                        | (shift == LARGE ? X86Pte.PS : 0)
                : SsPte.R | (writable ? SsPte.W : 0) | (shift == LARGE ? SsPte.PS : 0);
        tables.map(iova, level(shift), target + guest, bits);
    }

    @Override
    public void unmap(long iova) {
        bed.memory.write64(tables.entry(iova, level(SMALL), 0), 0);
    }

    private static int level(int shift) {
        return shift == LARGE ? 2 : 1;
    }
}
