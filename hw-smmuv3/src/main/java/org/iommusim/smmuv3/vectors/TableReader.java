package org.iommusim.smmuv3.vectors;

import org.iommusim.hw.conform.PlainWalk;
import org.iommusim.hw.iommu.IommuDevice;
import org.iommusim.hw.walk.StageParameters;
import org.iommusim.hw.walk.WalkState;
import org.iommusim.sim.memory.PhysicalMemory;
import org.iommusim.smmuv3.format.CdDecoder;
import org.iommusim.smmuv3.format.SteDecoder;
import org.iommusim.smmuv3.format.StreamConfig;
import org.iommusim.smmuv3.spec.Cd;
import org.iommusim.smmuv3.spec.Event;
import org.iommusim.smmuv3.spec.IdRegs;
import org.iommusim.smmuv3.spec.Reg;
import org.iommusim.smmuv3.spec.Ste;
import org.jspecify.annotations.Nullable;

/** Reads an SMMU's tables as they are in memory now. What cannot be read, or is not legal, is {@code null}. */
final class TableReader {
    private final IommuDevice device;
    private final PlainWalk plain;

    TableReader(IommuDevice device, PhysicalMemory memory) {
        this.device = device;
        plain = new PlainWalk(memory);
    }

    private int register(int offset) {
        return (int) device.mmioRead(offset, 4);
    }

    /** True if streams are looked up at all. */
    boolean enabled() {
        return (register(Reg.CR0) & Reg.CR0_SMMUEN) != 0;
    }

    /** What the SMMU can do. */
    IdRegs ids() {
        return new IdRegs(
                register(Reg.IDR0),
                register(Reg.IDR1),
                register(Reg.IDR2),
                register(Reg.IDR3),
                register(Reg.IDR4),
                register(Reg.IDR5),
                register(Reg.IIDR),
                register(Reg.AIDR));
    }

    /** The configuration of a stream without its context descriptor. */
    @Nullable
    StreamConfig stream(int sid) {
        long address = streamEntry(sid);
        long[] ste = address < 0 ? null : plain.words(address, Ste.WORDS);
        StreamConfig config = new StreamConfig();
        return ste == null || SteDecoder.decode(ste, ids(), config) != Event.NONE ? null : config;
    }

    private long streamEntry(int sid) {
        int layout = register(Reg.STRTAB_BASE_CFG);
        int log2Size = layout & Reg.STRTAB_BASE_CFG_LOG2SIZE;
        long base = device.mmioRead(Reg.STRTAB_BASE, 8) & Reg.STRTAB_BASE_ADDR;
        if (log2Size < 31 && sid >= 1 << log2Size) {
            return -1;
        }
        if ((layout & Reg.STRTAB_BASE_CFG_FMT) == 0) {
            return (base & -1L << log2Size + 6) + ((long) sid << 6);
        }
        int split = (layout & Reg.STRTAB_BASE_CFG_SPLIT) >>> Reg.STRTAB_BASE_CFG_SPLIT_SHIFT;
        long[] first = plain.words(base + ((long) (sid >>> split) << 3), 1);
        int span = first == null ? 0 : Ste.L1_SPAN.getInt(first[0]);
        int index = sid & (1 << split) - 1;
        return span == 0 || first == null || index >= 1 << span - 1
                ? -1
                : Ste.L1_L2PTR.inPlace(first[0]) + ((long) index << 6);
    }

    /** Adds what the context descriptor says; false if there is no legal one. */
    boolean context(StreamConfig config, int pasid) {
        boolean substream = pasid >= 0;
        if (substream && (config.s1CdMax == 0 || config.s1Fmt != Ste.S1FMT_LINEAR || pasid >>> config.s1CdMax != 0)) {
            return false;
        }
        long address = config.s1ContextPtr + (substream ? (long) pasid * Cd.BYTES : 0);
        if (config.hasStage2()) {
            WalkState walk = walk(config.stage2, null, address);
            if (walk == null) {
                return false;
            }
            address = walk.output();
        }
        long[] cd = plain.words(address, Cd.WORDS);
        return cd != null && CdDecoder.decode(cd, ids(), config) == Event.NONE;
    }

    /** A walk to its leaf, permissions left aside; its table reads go through {@code below} if that is given. */
    @Nullable
    WalkState walk(StageParameters stage, @Nullable StageParameters below, long input) {
        return plain.walk(stage, below, input);
    }
}
