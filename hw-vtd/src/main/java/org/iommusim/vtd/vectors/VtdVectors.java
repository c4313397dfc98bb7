package org.iommusim.vtd.vectors;

import java.util.List;
import org.iommusim.hw.conform.VectorBench;
import org.iommusim.hw.conform.VectorTarget;
import org.iommusim.hw.iommu.IommuDevice;
import org.iommusim.hw.provider.FaultRecordFormat;
import org.iommusim.sim.memory.MemoryRange;
import org.iommusim.sim.memory.PhysicalMemory;
import org.iommusim.vtd.spec.Inv;
import org.iommusim.vtd.spec.InvText;

/** Vectors of VT-d. */
public final class VtdVectors implements VectorTarget {
    static final String FSTS = "fsts";
    static final String IQH = "iqh";
    static final String REASON = "reason";

    /** The recorded machine's memory, below and above the hole of its devices. */
    private static final List<MemoryRange> MEMORY =
            List.of(new MemoryRange(0, 0x8000_0000L), new MemoryRange(0x1_0000_0000L, 0x8000_0000L));

    /** For {@link java.util.ServiceLoader}. */
    public VtdVectors() {}

    @Override
    public String kind() {
        return "vtd";
    }

    @Override
    public List<String> identification() {
        return List.of("VER", "CAP", "ECAP");
    }

    @Override
    public List<MemoryRange> memory() {
        return MEMORY;
    }

    @Override
    public List<Integer> commandWords() {
        return List.of(Inv.WORDS, Inv.WIDE_WORDS);
    }

    @Override
    public List<String> states() {
        return List.of(FSTS, IQH);
    }

    @Override
    public List<String> statesGivenIfChanged() {
        return List.of(FSTS);
    }

    @Override
    public String commandText(long[] command) {
        return InvText.text(command[0], command[1]);
    }

    @Override
    public List<String> claims() {
        return List.of(REASON);
    }

    @Override
    public FaultRecordFormat records() {
        return FaultFormat.INSTANCE;
    }

    @Override
    public VectorBench bench(IommuDevice device, PhysicalMemory memory) {
        return new VtdBench(device, memory);
    }
}
