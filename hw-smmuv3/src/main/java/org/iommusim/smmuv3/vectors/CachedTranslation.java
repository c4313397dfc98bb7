package org.iommusim.smmuv3.vectors;

import org.iommusim.hw.conform.CachedResult;
import org.iommusim.hw.walk.WalkState;
import org.iommusim.smmuv3.format.StreamConfig;
import org.iommusim.smmuv3.spec.Cmd;
import org.iommusim.smmuv3.spec.Event;
import org.iommusim.smmuv3.spec.Ste;
import org.jspecify.annotations.Nullable;

/**
 * One access and what an SMMU may keep of it: the configuration, and a translation that combines both stages.
 *
 * <p>Assumptions: translations that fault for lack of a mapping are never cached; configuration, legal or not, may be; a
 * nested translation may be cached as one entry, which commands for stage 2 alone need not drop.
 */
final class CachedTranslation implements CachedResult {
    /** Address bits that tell pages apart: the top byte may be a tag. */
    private static final long ADDRESS = (1L << 56) - 1;

    private final TableReader tables;
    private final int sid;
    private final int pasid;
    private final long iova;

    private enum Kind {
        /** Nothing may be kept. */
        NOTHING,
        /** The answer follows from configuration alone. */
        CONFIGURATION,
        /** The answer follows from configuration and a translation. */
        TRANSLATION
    }

    private Kind kind = Kind.NOTHING;
    private boolean configurationDropped;
    private boolean translationDropped;

    // ---- tags of the translation
    private int streamKind;
    private int vmid;
    private int asid;
    private boolean global;
    private int level;
    private int pageShift;

    CachedTranslation(TableReader tables, int sid, int pasid, long iova, boolean ok, long @Nullable [] record) {
        this.tables = tables;
        this.sid = sid;
        this.pasid = pasid;
        this.iova = iova;
        if (!tables.enabled()) {
            return; // answered by a register
        }
        StreamConfig config = tables.stream(sid);
        int code = record == null ? Event.NONE : EventFormat.code(record);
        switch (code) {
            case Event.NONE -> {
                if (config != null && config.kind <= Ste.BYPASS) {
                    kind = Kind.CONFIGURATION;
                } else if (ok && config != null) {
                    translation(config);
                }
            }
            case Event.C_BAD_STREAMID, Event.C_BAD_STE, Event.C_BAD_SUBSTREAMID, Event.C_BAD_CD ->
                kind = Kind.CONFIGURATION;
            case Event.F_PERMISSION -> {
                if (config != null && record != null && Event.CLASS.intIn(record) == Event.CLASS_IN) {
                    translation(config);
                }
            }
            default -> {
                // A fault that says that nothing usable was found: there is nothing to keep.
            }
        }
    }

    private void translation(StreamConfig config) {
        if (config.hasStage1() && !tables.context(config, pasid)) {
            return; // the result came from configuration that is no longer in memory
        }
        WalkState walk = config.hasStage1()
                ? tables.walk(config.stage1For(iova), config.hasStage2() ? config.stage2 : null, iova)
                : tables.walk(config.stage2, null, iova);
        if (walk == null) {
            return;
        }
        kind = Kind.TRANSLATION;
        streamKind = config.kind;
        vmid = config.vmid;
        asid = config.asid;
        global = config.hasStage1() && walk.global;
        level = walk.level;
        pageShift = walk.pageShift;
    }

    @Override
    public boolean allowed() {
        return switch (kind) {
            case NOTHING -> false;
            case CONFIGURATION -> !configurationDropped;
            case TRANSLATION -> !translationDropped && (!configurationDropped || sameTags());
        };
    }

    /** True if the configuration, read again, leads to the same cached translation. */
    private boolean sameTags() {
        StreamConfig config = tables.stream(sid);
        return config != null
                && config.kind == streamKind
                && config.vmid == vmid
                && (!config.hasStage1() || tables.context(config, pasid) && config.asid == asid);
    }

    @Override
    public void completed(long[] command) {
        configurationDropped |= dropsConfiguration(command);
        translationDropped |= dropsTranslation(command);
    }

    private boolean dropsConfiguration(long[] command) {
        boolean stream = Cmd.SID.in(command) == sid;
        return switch (Cmd.opcode(command[0])) {
            case Cmd.CFGI_STE, Cmd.CFGI_CD_ALL -> stream;
            case Cmd.CFGI_CD -> stream && Cmd.SSID.intIn(command) == Math.max(pasid, 0);
            case Cmd.CFGI_STE_RANGE -> {
                int range = Cmd.RANGE.intIn(command);
                yield range == Cmd.RANGE_ALL || (Cmd.SID.in(command) ^ sid) >>> range + 1 == 0;
            }
            default -> false;
        };
    }

    private boolean dropsTranslation(long[] command) {
        boolean stage1 = streamKind == Ste.S1 || streamKind == Ste.NESTED;
        boolean machine = Cmd.VMID.intIn(command) == vmid || !tables.ids().s2p();
        boolean space = Cmd.ASID.intIn(command) == asid;
        return switch (Cmd.opcode(command[0])) {
            case Cmd.TLBI_NSNH_ALL -> true;
            case Cmd.TLBI_S12_VMALL -> machine;
            case Cmd.TLBI_NH_ALL -> stage1 && machine;
            case Cmd.TLBI_NH_ASID -> stage1 && machine && space && !global;
            case Cmd.TLBI_NH_VA -> stage1 && machine && (space || global) && covers(command);
            case Cmd.TLBI_NH_VAA -> stage1 && machine && covers(command);
            case Cmd.TLBI_S2_IPA -> streamKind == Ste.S2 && machine && covers(command);
            default -> false;
        };
    }

    /** True if the command's range meets the page that was translated. */
    private boolean covers(long[] command) {
        boolean ranged = Cmd.TG.isSet(command[1]);
        int hint = Cmd.TTL.intIn(command);
        if (ranged && hint != 0 && hint != level) {
            return false;
        }
        long first = Cmd.ADDRESS.inPlace(command[1]) & ADDRESS;
        long page = (iova & ADDRESS) >>> pageShift << pageShift;
        return first < page + (1L << pageShift) && page < first + Cmd.rangeBytes(command[0], command[1], false);
    }
}
