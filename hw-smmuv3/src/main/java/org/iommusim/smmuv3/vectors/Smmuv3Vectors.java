package org.iommusim.smmuv3.vectors;

import java.util.List;
import org.iommusim.hw.conform.VectorBench;
import org.iommusim.hw.conform.VectorTarget;
import org.iommusim.hw.iommu.IommuDevice;
import org.iommusim.hw.provider.FaultRecordFormat;
import org.iommusim.sim.memory.MemoryRange;
import org.iommusim.sim.memory.PhysicalMemory;
import org.iommusim.smmuv3.spec.Cmd;

/** Vectors of the SMMUv3. */
public final class Smmuv3Vectors implements VectorTarget {
    static final String CONS = "cons";
    static final String GERROR = "gerror";
    static final String S2 = "s2";
    static final String CLASS = "cls";
    static final String ADDRESS = "addr2";

    /** The recorded machine's memory. Below it there are flash and devices, which no vector means to reach. */
    private static final MemoryRange MEMORY = new MemoryRange(0x4000_0000L, 0x1_0000_0000L);

    /** For {@link java.util.ServiceLoader}. */
    public Smmuv3Vectors() {}

    @Override
    public String kind() {
        return "smmuv3";
    }

    @Override
    public List<String> identification() {
        return List.of("IDR0", "IDR1", "IDR2", "IDR3", "IDR4", "IDR5", "AIDR", "GBPA");
    }

    @Override
    public List<MemoryRange> memory() {
        return List.of(MEMORY);
    }

    @Override
    public List<Integer> commandWords() {
        return List.of(Cmd.WORDS);
    }

    @Override
    public List<String> states() {
        return List.of(CONS, GERROR);
    }

    @Override
    public List<String> statesGivenIfChanged() {
        return List.of(GERROR);
    }

    @Override
    public String commandText(long[] command) {
        return Cmd.text(command[0], command[1]);
    }

    @Override
    public List<String> claims() {
        return List.of(S2, CLASS, ADDRESS);
    }

    @Override
    public FaultRecordFormat records() {
        return EventFormat.INSTANCE;
    }

    @Override
    public VectorBench bench(IommuDevice device, PhysicalMemory memory) {
        return new Smmuv3Bench(device, memory);
    }
}
