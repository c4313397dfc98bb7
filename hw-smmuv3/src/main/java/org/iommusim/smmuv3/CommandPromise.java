package org.iommusim.smmuv3;

import org.iommusim.hw.check.Promise;
import org.iommusim.hw.check.Source;
import org.iommusim.hw.check.SourceKind;
import org.iommusim.hw.check.Trail;
import org.iommusim.smmuv3.spec.Cmd;
import org.iommusim.smmuv3.spec.IdRegs;

/**
 * What an invalidation command promises (Arm IHI 0070, chapter 4), read from its words once more: this shares no code with
 * {@link Invalidation}, which decides what the caches drop.
 *
 * <p>A translation of both stages is covered by commands about stage 1 only. So a change of a stage-2 table ends it in two
 * steps: TLBI_S2_IPA for the stage-2 entries, and then a command about stage 1, as software has to send them.
 */
final class CommandPromise implements Promise {
    /** In place of a VMID: the translation belongs to EL2 and to no VM. */
    static final int EL2 = -1;

    private static final long TOP_BYTE = 0xffL << 56;

    private final long w0;
    private final long w1;
    private final IdRegs ids;
    private final int opcode;

    CommandPromise(long w0, long w1, IdRegs ids) {
        this.w0 = w0;
        this.w1 = w1;
        this.ids = ids;
        opcode = Cmd.opcode(w0);
    }

    @Override
    public String text() {
        return Cmd.text(w0, w1);
    }

    @Override
    public Effect on(Trail entry, int index) {
        if (entry.inDevice() || opcode == Cmd.ATC_INV) {
            return entry.inDevice() && opcode == Cmd.ATC_INV && ofDevice(entry) ? Effect.ENDED : Effect.NONE;
        }
        Source source = entry.source(index);
        return switch (opcode) {
            case Cmd.CFGI_STE -> streams(entry, index, Cmd.SID.get(w0), 0);
            case Cmd.CFGI_STE_RANGE -> streams(entry, index, Cmd.SID.get(w0), Cmd.RANGE.getInt(w1) + 1);
            case Cmd.CFGI_CD ->
                Math.max(0, entry.substream()) == Cmd.SSID.getInt(w0) ? contexts(entry, index) : Effect.NONE;
            case Cmd.CFGI_CD_ALL -> contexts(entry, index);
            case Cmd.TLBI_NSNH_ALL -> entry.domain() == EL2 ? Effect.NONE : tables(source);
            case Cmd.TLBI_S12_VMALL -> ofVm(entry) ? tables(source) : Effect.NONE;
            case Cmd.TLBI_S2_IPA -> ofVm(entry) ? secondStage(entry, source) : Effect.NONE;
            case Cmd.TLBI_NH_ALL, Cmd.TLBI_EL2_ALL -> ofVm(entry) ? firstStage(entry, index) : Effect.NONE;
            case Cmd.TLBI_NH_ASID, Cmd.TLBI_EL2_ASID ->
                ofVm(entry) && ofSpace(entry, false) ? firstStage(entry, index) : Effect.NONE;
            case Cmd.TLBI_NH_VA, Cmd.TLBI_EL2_VA ->
                ofVm(entry) && ofSpace(entry, true) && inRange(entry, source) ? firstStage(entry, index) : Effect.NONE;
            case Cmd.TLBI_NH_VAA, Cmd.TLBI_EL2_VAA ->
                ofVm(entry) && inRange(entry, source) ? firstStage(entry, index) : Effect.NONE;
            default -> Effect.NONE;
        };
    }

    // ---- what a device has

    /** Without a PASID only translations without one are promised to go. */
    private boolean ofDevice(Trail entry) {
        int span = Cmd.ATC_SIZE.getInt(w1) + 12;
        long mask = span >= Long.SIZE ? 0 : -1L << span;
        long from = Cmd.ADDRESS.inPlace(w1) & mask;
        int substream = Cmd.SSV.isSet(w0) ? Cmd.SSID.getInt(w0) : -1;
        return (entry.stream() & 0xffff_ffffL) == Cmd.SID.get(w0)
                && Math.max(-1, entry.substream()) == substream
                && (mask == 0 || entry.overlaps(from, from | ~mask));
    }

    // ---- configuration

    private Effect streams(Trail entry, int index, long sid, int low) {
        boolean all = low == Cmd.RANGE_ALL + 1;
        if (!all && (entry.stream() & 0xffff_ffffL) >>> low != sid >>> low) {
            return Effect.NONE;
        }
        return switch (entry.source(index).kind()) {
            case DEVICE -> entry.source(index).leaf() || !leafOnly() ? Effect.ENDED : Effect.NONE;
            case CONTEXT -> Effect.ENDED;
            case CONTEXT_ADDRESS -> entry.half(index) ? Effect.ENDED : Effect.NONE;
            default -> Effect.NONE;
        };
    }

    private Effect contexts(Trail entry, int index) {
        if ((entry.stream() & 0xffff_ffffL) != Cmd.SID.get(w0)) {
            return Effect.NONE;
        }
        Source source = entry.source(index);
        boolean covered =
                source.kind() == SourceKind.CONTEXT && (source.leaf() || opcode == Cmd.CFGI_CD_ALL || !leafOnly());
        return covered || source.kind() == SourceKind.CONTEXT_ADDRESS && entry.half(index) ? Effect.ENDED : Effect.NONE;
    }

    /** Bit 0 of the second word; in CFGI_STE_RANGE it is part of the range, which always includes what points to STEs. */
    private boolean leafOnly() {
        return opcode != Cmd.CFGI_STE_RANGE && (w1 & 1) != 0;
    }

    // ---- translations

    private static Effect tables(Source source) {
        return switch (source.kind()) {
            case STAGE1, STAGE2 -> Effect.ENDED;
            case CONTEXT_ADDRESS -> Effect.HALF;
            default -> Effect.NONE;
        };
    }

    private boolean ofVm(Trail entry) {
        if (entry.domain() == EL2 || opcode >= Cmd.TLBI_EL2_ALL && opcode <= Cmd.TLBI_EL2_VAA) {
            return entry.domain() == EL2 && opcode >= Cmd.TLBI_EL2_ALL && opcode <= Cmd.TLBI_EL2_VAA;
        }
        return !ids.s2p() || entry.domain() == (Cmd.VMID.getInt(w0) & ids.vmidMask());
    }

    private boolean ofSpace(Trail entry, boolean orGlobal) {
        return entry.global() ? orGlobal : entry.space() == (Cmd.ASID.getInt(w0) & ids.asidMask());
    }

    private Effect firstStage(Trail entry, int index) {
        if (!entry.stage1() || entry.pointer() && leafOnly()) {
            return Effect.NONE;
        }
        return switch (entry.source(index).kind()) {
            case STAGE1 -> Effect.ENDED;
            case STAGE2 -> entry.half(index) ? Effect.ENDED : Effect.NONE;
            default -> Effect.NONE;
        };
    }

    private long bytes() {
        return ids.ril() ? Cmd.rangeBytes(w0, w1, ids.ds()) : 1L << 12;
    }

    /** A leaf is hit by any address in it, a pointer to a table by the addresses that the entry stands for. */
    private boolean inRange(Trail entry, Source source) {
        long from = Cmd.ADDRESS.inPlace(w1) & ~TOP_BYTE;
        long to = from + bytes() - 1;
        if (source.kind() == SourceKind.STAGE1 && source.leaf()) {
            return untagged(source.first(), source.last(), from, to);
        }
        // Only the last entry is meant: what was read on the way to it may be used on.
        return !(source.kind() == SourceKind.STAGE1 && leafOnly()) && entry.overlapsUntagged(from, to, TOP_BYTE);
    }

    private static boolean untagged(long first, long last, long from, long to) {
        return (first & ~TOP_BYTE) <= to && from <= (last & ~TOP_BYTE);
    }

    private Effect secondStage(Trail entry, Source source) {
        long from = Cmd.IPA.inPlace(w1);
        boolean stage2 = source.kind() == SourceKind.STAGE2 || source.kind() == SourceKind.CONTEXT_ADDRESS;
        if (!stage2 || !source.leaf() && leafOnly() || !source.overlaps(from, from + bytes() - 1)) {
            return Effect.NONE;
        }
        boolean alone = source.kind() == SourceKind.STAGE2 && !entry.stage1();
        return alone && !(entry.pointer() && leafOnly()) ? Effect.ENDED : Effect.HALF;
    }
}
