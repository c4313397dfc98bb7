package org.iommusim.vtd.vectors;

import org.iommusim.hw.conform.CachedResult;
import org.iommusim.hw.walk.WalkState;
import org.iommusim.vtd.format.TranslationConfig;
import org.iommusim.vtd.spec.FaultReason;
import org.iommusim.vtd.spec.Inv;
import org.jspecify.annotations.Nullable;

/**
 * One access and what a unit may keep of it: context and PASID entries, and a translation.
 *
 * <p>Assumptions: nothing is kept of what is not present or in error (CAP.CM=0); an access that an entry does not allow may be
 * refused by a copy of that entry; a translation by a first stage over a second is kept as one entry, which page-selective
 * invalidations of the second stage need not drop page by page, but drop all the same.
 */
final class CachedAccess implements CachedResult {
    private static final int FUNCTION = 0xffff;

    private final TableReader tables;
    private final int sid;
    private final int pasid;
    private final long iova;

    /** What the translation was made from; {@code null} if nothing may be kept. */
    private final @Nullable TranslationConfig kept;
    /** PASID whose tables are used; in legacy mode without meaning. */
    private int tablesPasid;

    private int pageShift = Long.SIZE - 1;
    private boolean global;
    private boolean configurationDropped;
    private boolean translationDropped;

    CachedAccess(TableReader tables, int sid, int pasid, long iova, boolean ok, long @Nullable [] record) {
        this.tables = tables;
        this.sid = sid;
        this.pasid = pasid;
        this.iova = iova;
        boolean refused = record != null && isPermission(FaultFormat.reason(record));
        kept = tables.translates() && (ok || refused) ? translation() : null;
    }

    private @Nullable TranslationConfig translation() {
        TranslationConfig config = tables.config(sid, pasid);
        if (config == null) {
            return null;
        }
        tablesPasid = config.scalable && pasid < 0 ? tables.ridPasid(sid) : pasid;
        if (config.passThrough()) {
            return config;
        }
        WalkState walk = tables.walk(config, iova);
        if (walk == null) {
            return null; // the result came from entries that are no longer in memory
        }
        pageShift = walk.pageShift;
        global = config.first() && walk.global;
        return config;
    }

    private static boolean isPermission(int reason) {
        return switch (reason) {
            case FaultReason.NO_READ,
                    FaultReason.NO_WRITE,
                    FaultReason.SM_NO_READ,
                    FaultReason.SM_NO_WRITE,
                    FaultReason.SM_NO_EXECUTE,
                    FaultReason.SM_SS_PERMISSION,
                    FaultReason.FS_PRIVILEGE -> true;
            default -> false;
        };
    }

    @Override
    public boolean allowed() {
        return kept != null && !translationDropped && (!configurationDropped || sameTags(kept));
    }

    /** True if the configuration, read again, leads to the same cached translation. */
    private boolean sameTags(TranslationConfig before) {
        TranslationConfig now = tables.config(sid, pasid);
        return now != null && now.kind == before.kind && now.did == before.did && now.scalable == before.scalable;
    }

    @Override
    public void completed(long[] command) {
        if (kept != null) {
            configurationDropped |= dropsConfiguration(kept, command[0]);
            translationDropped |= dropsTranslation(kept, command);
        }
    }

    /** In scalable mode context entries belong to no domain. */
    private boolean dropsConfiguration(TranslationConfig config, long w0) {
        boolean domain = Inv.DID.getInt(w0) == config.did;
        return switch (Inv.type(w0)) {
            case Inv.CONTEXT ->
                switch (Inv.G.getInt(w0)) {
                    case Inv.G_CONTEXT_GLOBAL -> true;
                    case Inv.G_CONTEXT_DOMAIN -> config.scalable || domain;
                    default -> (config.scalable || domain) && ofFunction(w0);
                };
            case Inv.PASID_CACHE ->
                config.scalable
                        && switch (Inv.G.getInt(w0)) {
                            case Inv.G_PASID_CACHE_GLOBAL -> true;
                            case Inv.G_PASID_CACHE_DOMAIN -> domain;
                            default -> domain && Inv.PASID.getInt(w0) == tablesPasid;
                        };
            default -> false;
        };
    }

    private boolean ofFunction(long w0) {
        int differ = (Inv.SID.getInt(w0) ^ sid) & FUNCTION;
        return (differ & ~Inv.functionBits(Inv.FM.getInt(w0))) == 0;
    }

    private boolean dropsTranslation(TranslationConfig config, long[] command) {
        long w0 = command[0];
        boolean domain = Inv.DID.getInt(w0) == config.did;
        return switch (Inv.type(w0)) {
            case Inv.IOTLB ->
                switch (Inv.G.getInt(w0)) {
                    case Inv.G_IOTLB_GLOBAL -> true;
                    case Inv.G_IOTLB_DOMAIN -> domain && config.kind != TranslationConfig.FIRST;
                    default -> domain && (config.first() ? config.second() : covers(command));
                };
            case Inv.PASID_IOTLB ->
                domain
                        && config.scalable
                        && config.kind != TranslationConfig.SECOND
                        && Inv.PASID.getInt(w0) == tablesPasid
                        && (Inv.G.getInt(w0) == Inv.G_PASID_ALL ? !global : covers(command));
            default -> false;
        };
    }

    /** True if the range of a page-selective invalidation meets the page that was translated. */
    private boolean covers(long[] command) {
        long first = Inv.ADDRESS.inPlace(command[1]) & -1L << 12 + Inv.AM.intIn(command);
        long last = first + (1L << 12 + Inv.AM.intIn(command)) - 1;
        long page = iova & -1L << pageShift;
        long end = page + (1L << pageShift) - 1;
        return Long.compareUnsigned(first, end) <= 0 && Long.compareUnsigned(page, last) <= 0;
    }
}
