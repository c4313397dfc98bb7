package org.iommusim.amdvi.vectors;

import java.util.List;
import org.iommusim.amdvi.spec.Cmd;
import org.iommusim.amdvi.spec.CmdText;
import org.iommusim.hw.conform.VectorBench;
import org.iommusim.hw.conform.VectorTarget;
import org.iommusim.hw.iommu.IommuDevice;
import org.iommusim.hw.provider.FaultRecordFormat;
import org.iommusim.sim.memory.MemoryRange;
import org.iommusim.sim.memory.PhysicalMemory;

/** Vectors of AMD-Vi. */
public final class AmdViVectors implements VectorTarget {
    static final String HEAD = "head";
    static final String STATUS = "status";

    /** The recorded machine's memory, below and above the hole of its devices. */
    private static final List<MemoryRange> MEMORY =
            List.of(new MemoryRange(0, 0x8000_0000L), new MemoryRange(0x1_0000_0000L, 0x8000_0000L));

    /** For {@link java.util.ServiceLoader}. */
    public AmdViVectors() {}

    @Override
    public String kind() {
        return "amdvi";
    }

    @Override
    public List<String> identification() {
        return List.of("EFR");
    }

    @Override
    public List<MemoryRange> memory() {
        return MEMORY;
    }

    @Override
    public List<Integer> commandWords() {
        return List.of(Cmd.WORDS);
    }

    @Override
    public List<String> states() {
        return List.of(HEAD, STATUS);
    }

    /** Vectors give both after a command, and after nothing else. */
    @Override
    public List<String> statesGivenIfChanged() {
        return List.of();
    }

    @Override
    public String commandText(long[] command) {
        return CmdText.text(command[0], command[1]);
    }

    /** The check model gives whole records. */
    @Override
    public List<String> claims() {
        return List.of();
    }

    @Override
    public long[] claimedBits(long[] record) {
        return EventFormat.claimedBits(record);
    }

    @Override
    public FaultRecordFormat records() {
        return EventFormat.INSTANCE;
    }

    @Override
    public VectorBench bench(IommuDevice device, PhysicalMemory memory) {
        return new AmdViBench(device, memory);
    }
}
