package org.iommusim.vtd.vectors;

import org.iommusim.hw.conform.PlainWalk;
import org.iommusim.hw.iommu.IommuDevice;
import org.iommusim.hw.walk.StageParameters;
import org.iommusim.hw.walk.WalkState;
import org.iommusim.sim.memory.PhysicalMemory;
import org.iommusim.vtd.format.ContextDecoder;
import org.iommusim.vtd.format.PasidDecoder;
import org.iommusim.vtd.format.RootDecoder;
import org.iommusim.vtd.format.ScalableContext;
import org.iommusim.vtd.format.ScalableContextDecoder;
import org.iommusim.vtd.format.TranslationConfig;
import org.iommusim.vtd.spec.Cap;
import org.iommusim.vtd.spec.ContextEntry;
import org.iommusim.vtd.spec.FaultReason;
import org.iommusim.vtd.spec.Irte;
import org.iommusim.vtd.spec.PasidDirEntry;
import org.iommusim.vtd.spec.PasidEntry;
import org.iommusim.vtd.spec.Reg;
import org.iommusim.vtd.spec.RootEntry;
import org.iommusim.vtd.spec.ScalableContextEntry;
import org.jspecify.annotations.Nullable;

/**
 * Reads a unit's tables as they are in memory now. What cannot be read, or is not legal, is {@code null}. Recorded machines
 * have as many host address bits as guest address bits.
 */
final class TableReader {
    private final IommuDevice device;
    private final PlainWalk plain;
    private final Cap cap;

    TableReader(IommuDevice device, PhysicalMemory memory, Cap cap) {
        this.device = device;
        plain = new PlainWalk(memory);
        this.cap = cap;
    }

    private boolean status(int bit) {
        return ((int) device.mmioRead(Reg.GSTS, 4) & bit) != 0;
    }

    /** True if requests are looked up at all. */
    boolean translates() {
        return status(Reg.TE);
    }

    /** True if interrupts in remappable format are looked up. */
    boolean remapsInterrupts() {
        return status(Reg.IRE);
    }

    /** An entry of the interrupt remapping table. */
    long @Nullable [] interruptEntry(int index) {
        long table = device.mmioRead(Reg.IRTA, 8);
        return index < Reg.irtEntries(table)
                ? plain.words((table & Reg.IRTA_BASE) + ((long) index << Irte.SHIFT), Irte.WORDS)
                : null;
    }

    /** What the context and PASID entries of a function say. */
    @Nullable
    TranslationConfig config(int sid, int pasid) {
        long root = device.mmioRead(Reg.RTADDR, 8);
        return switch (Reg.ttm(root)) {
            case Reg.TTM_LEGACY -> legacy(root & Reg.RTADDR_RTA, sid);
            case Reg.TTM_SCALABLE -> scalable(root & Reg.RTADDR_RTA, sid, pasid);
            default -> null;
        };
    }

    private @Nullable TranslationConfig legacy(long rootTable, int sid) {
        long[] root = plain.words(RootEntry.address(rootTable, sid), RootEntry.WORDS);
        if (root == null || RootDecoder.legacy(root[0], root[1], cap.mgawBits()) != FaultReason.NONE) {
            return null;
        }
        TranslationConfig config = new TranslationConfig();
        long[] context = plain.words(ContextEntry.address(RootEntry.CTP.inPlace(root[0]), sid), ContextEntry.WORDS);
        return context != null && ContextDecoder.decode(context, cap, cap.mgawBits(), config) == FaultReason.NONE
                ? config
                : null;
    }

    private @Nullable TranslationConfig scalable(long rootTable, int sid, int pasid) {
        ScalableContext context = context(rootTable, sid);
        if (context == null || ScalableContextDecoder.admit(context, pasid, false, false) != FaultReason.NONE) {
            return null;
        }
        int tables = pasid < 0 ? context.ridPasid : pasid;
        long[] directory = plain.words(PasidDirEntry.address(context.directory, tables), 1);
        if (directory == null || PasidDecoder.directory(directory[0], cap.mgawBits()) != FaultReason.NONE) {
            return null;
        }
        TranslationConfig config = new TranslationConfig();
        long address = PasidEntry.address(PasidDirEntry.SMPTBLPTR.inPlace(directory[0]), tables);
        long[] entry = plain.words(address, PasidEntry.WORDS);
        return entry != null && PasidDecoder.decode(entry, cap, cap.mgawBits(), config) == FaultReason.NONE
                ? config
                : null;
    }

    /** The scalable-mode context entry of a function. */
    @Nullable
    ScalableContext context(long rootTable, int sid) {
        long[] root = plain.words(RootEntry.address(rootTable, sid), RootEntry.WORDS);
        long half = root == null ? 0 : root[RootEntry.scalableWord(sid)];
        if (RootDecoder.scalable(half, cap.mgawBits()) != FaultReason.NONE) {
            return null;
        }
        long address = ScalableContextEntry.address(RootEntry.CTP.inPlace(half), sid);
        long[] words = plain.words(address, ScalableContextEntry.WORDS);
        ScalableContext context = new ScalableContext();
        return words != null && ScalableContextDecoder.decode(words, cap, cap.mgawBits(), context) == FaultReason.NONE
                ? context
                : null;
    }

    /** PASID whose tables requests without one use. */
    int ridPasid(int sid) {
        ScalableContext context = context(device.mmioRead(Reg.RTADDR, 8) & Reg.RTADDR_RTA, sid);
        return context == null ? 0 : context.ridPasid;
    }

    /** A walk to its leaf, permissions left aside. */
    @Nullable
    WalkState walk(TranslationConfig config, long address) {
        StageParameters second = config.second() ? config.stage2 : null;
        return config.first() ? plain.walk(config.stage1, second, address) : plain.walk(config.stage2, null, address);
    }
}
