package org.iommusim.vtd;

import java.util.TreeSet;
import org.iommusim.hw.contract.Space;
import org.iommusim.hw.walk.StageParameters;
import org.iommusim.hw.x86.LongModeTables;
import org.iommusim.hw.x86.X86Pte;
import org.iommusim.sim.memory.PhysicalMemory;
import org.iommusim.vtd.spec.SsPte;

/** An address space of VT-d: four levels of a first or of a second stage, a domain id, and the PASIDs under which it is used. */
final class ContractSpace implements Space {
    /** Levels of its tables. */
    static final int LEVELS = 4;

    private static final long TABLES = VtdTestbed.FREE + 0x100_0000L;
    private static final long TABLE_BYTES = 0x10_0000L;

    final int did;
    final boolean firstStage;
    /** PASIDs whose entries lead here; 0 for requests without one. */
    final TreeSet<Integer> pasids = new TreeSet<>();

    private final PhysicalMemory memory;
    private final StageParameters parameters = new StageParameters();
    private final LongModeTables tables;

    ContractSpace(PhysicalMemory memory, int did, boolean firstStage) {
        this.memory = memory;
        this.did = did;
        this.firstStage = firstStage;
        parameters.startLevel = LEVELS;
        long tableBits = firstStage ? X86Pte.table(0) : SsPte.table(0);
        tables = new LongModeTables(memory, parameters, tableBits, TABLES + did * TABLE_BYTES, 0);
    }

    long root() {
        return parameters.root;
    }

    @Override
    public void map(long iova, long target, int shift, boolean writable) {
        long bits = firstStage
                ? X86Pte.P
                        | X86Pte.US
                        | X86Pte.A
                        | X86Pte.D
                        | (writable ? X86Pte.RW : 0)
                        | (shift == LARGE ? X86Pte.PS : 0)
                : SsPte.R | (writable ? SsPte.W : 0) | (shift == LARGE ? SsPte.PS : 0);
        tables.map(iova, level(shift), target, bits);
    }

    @Override
    public void unmap(long iova) {
        memory.write64(tables.entry(iova, level(SMALL), 0), 0);
    }

    private static int level(int shift) {
        return shift == LARGE ? 2 : 1;
    }
}
