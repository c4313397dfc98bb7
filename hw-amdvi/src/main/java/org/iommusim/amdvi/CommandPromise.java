package org.iommusim.amdvi;

import org.iommusim.amdvi.spec.Cmd;
import org.iommusim.amdvi.spec.CmdText;
import org.iommusim.hw.check.Promise;
import org.iommusim.hw.check.Source;
import org.iommusim.hw.check.SourceKind;
import org.iommusim.hw.check.Trail;

/**
 * What a command promises, read from its words once more: this shares no code with {@link Invalidation}, which decides what the
 * caches drop. A trail's domain is the DomainID, its space the PASID whose guest tables they are, its substream the PASID that the
 * request carried.
 */
final class CommandPromise implements Promise {
    private final long w0;
    private final long w1;
    private final int opcode;

    /** Reads a legal command. */
    CommandPromise(long w0, long w1) {
        this.w0 = w0;
        this.w1 = w1;
        opcode = Cmd.opcode(w0);
    }

    @Override
    public String text() {
        return CmdText.text(w0, w1);
    }

    @Override
    public Effect on(Trail entry, int index) {
        boolean ended = entry.inDevice() ? inDevice(entry) : inUnit(entry, entry.source(index));
        return ended ? Effect.ENDED : Effect.NONE;
    }

    private boolean inUnit(Trail entry, Source source) {
        if (opcode == Cmd.INVALIDATE_IOMMU_ALL) {
            return true;
        }
        return switch (source.kind()) {
            case DEVICE -> opcode == Cmd.INVALIDATE_DEVTAB_ENTRY && entry.stream() == Cmd.DEVICE_ID.getInt(w0);
            case INTERRUPT -> opcode == Cmd.INVALIDATE_INTERRUPT_TABLE && entry.stream() == Cmd.DEVICE_ID.getInt(w0);
            case CONTEXT, CONTEXT_ADDRESS, STAGE1, STAGE2 ->
                opcode == Cmd.INVALIDATE_IOMMU_PAGES && pages(entry, source);
        };
    }

    /** With GN guest tables of the PASID; without, host tables, and what they have a part in under guest tables. */
    private boolean pages(Trail entry, Source source) {
        if (entry.domain() != Cmd.DOMAIN_ID.getInt(w0)) {
            return false;
        }
        if (!Cmd.GN.isSet(w1)) {
            boolean hosts = source.kind() == SourceKind.STAGE2 || source.kind() == SourceKind.CONTEXT_ADDRESS;
            return hosts && (entry.stage1() || covers(entry, source));
        }
        boolean guests = source.kind() == SourceKind.STAGE1 || source.kind() == SourceKind.CONTEXT;
        return guests && entry.space() == Cmd.PASID.getInt(w0) && covers(entry, source);
    }

    /** A page goes if any part of it is named; what leads to tables only with PDE, and if what it was used for is named. */
    private boolean covers(Trail entry, Source source) {
        boolean page = source.leaf() && source.kind() != SourceKind.CONTEXT;
        return page ? source.overlaps(first(), last()) : Cmd.PDE.isSet(w1) && entry.overlaps(first(), last());
    }

    private boolean everyAddress() {
        return Cmd.rangeShift(w1) == Long.SIZE;
    }

    private long first() {
        return everyAddress() ? Long.MIN_VALUE : Cmd.rangeStart(w1);
    }

    private long last() {
        return everyAddress() ? Long.MAX_VALUE : first() | ~(-1L << Cmd.rangeShift(w1));
    }

    // ---- what a device has

    private boolean inDevice(Trail entry) {
        if (opcode != Cmd.INVALIDATE_IOTLB_PAGES || entry.stream() != Cmd.DEVICE_ID.getInt(w0)) {
            return false;
        }
        boolean withPasid = Cmd.GN.isSet(w1);
        boolean samePasid = withPasid ? entry.substream() == Cmd.iotlbPasid(w0) : entry.substream() < 0;
        return samePasid && entry.overlaps(first(), last());
    }
}
