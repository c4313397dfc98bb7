package org.iommusim.amdvi.vectors;

import org.iommusim.amdvi.format.DteConfig;
import org.iommusim.amdvi.spec.Cmd;
import org.iommusim.amdvi.spec.Event;
import org.iommusim.hw.conform.CachedResult;
import org.iommusim.hw.walk.Access;
import org.iommusim.hw.walk.WalkState;
import org.jspecify.annotations.Nullable;

/**
 * One access and what a unit may keep of it: its device table entry, and a translation.
 *
 * <p>Assumptions: nothing is kept of what is not present or in error (NpCache=0); an access that an entry does not allow may be
 * refused by a copy of that entry. A nested translation is kept as one entry, which goes with the host pages that it ends in.
 * Commands that leave page directories alone (PDE=0) drop a translation for good: recorded units have no page-directory caches.
 */
final class CachedAccess implements CachedResult {
    private static final int EVERYTHING = Access.both(Access.READ | Access.WRITE | Access.EXECUTE);

    private final TableReader tables;
    private final int sid;
    private final int pasid;
    private final long iova;

    /** What the result was made from; {@code null} if nothing may be kept. */
    private final @Nullable DteConfig kept;

    private int pageShift = Long.SIZE - 1;
    private boolean entryDropped;
    private boolean translationDropped;

    CachedAccess(TableReader tables, int sid, int pasid, long iova, boolean ok, long @Nullable [] record) {
        this.tables = tables;
        this.sid = sid;
        this.pasid = pasid;
        this.iova = iova;
        kept = tables.translates() ? keptOf(tables.config(sid), ok, record) : null;
    }

    /** A refusal comes from the device table entry (TV, IR, IW), or from a page that does not allow the access. */
    private @Nullable DteConfig keptOf(@Nullable DteConfig config, boolean ok, long @Nullable [] record) {
        if (config == null || !ok && config.kind != DteConfig.BLOCKED && !lacksPermission(record)) {
            return null;
        }
        if (translates(config)) {
            WalkState walk = tables.walk(config, pasid, iova);
            if (walk != null) {
                pageShift = walk.pageShift;
            } else if (ok || config.permissions == EVERYTHING) {
                return null; // the result came from entries that are no longer in memory
            }
        }
        return config;
    }

    private static boolean lacksPermission(long @Nullable [] record) {
        return record != null && Event.code(record[0]) == Event.IO_PAGE_FAULT && (record[0] & Event.PE) != 0;
    }

    private boolean translates(DteConfig config) {
        return config.kind == DteConfig.TRANSLATE && (config.host.enabled() || guest(config));
    }

    private boolean guest(DteConfig config) {
        return config.guest && (pasid >= 0 || config.guestWithoutPasid);
    }

    @Override
    public boolean allowed() {
        return kept != null && !(translates(kept) && translationDropped) && (!entryDropped || sameTags(kept));
    }

    /** True if the entry, read again, leads to the same cached translation. */
    private boolean sameTags(DteConfig before) {
        DteConfig now = tables.config(sid);
        return now != null
                && now.kind == before.kind
                && now.domainId == before.domainId
                && now.permissions == before.permissions
                && translates(now) == translates(before)
                && guest(now) == guest(before);
    }

    @Override
    public void completed(long[] command) {
        if (kept == null) {
            return;
        }
        switch (Cmd.opcode(command[0])) {
            case Cmd.INVALIDATE_DEVTAB_ENTRY -> entryDropped |= Cmd.DEVICE_ID.intIn(command) == sid;
            case Cmd.INVALIDATE_IOMMU_PAGES -> translationDropped |= drops(kept, command);
            case Cmd.INVALIDATE_IOMMU_ALL -> {
                entryDropped = true;
                translationDropped = true;
            }
            default -> {
                // The others drop nothing that the unit itself keeps of accesses.
            }
        }
    }

    /** Without GN everything of the host that is in the range, whatever guest tables led there; with it one guest space. */
    private boolean drops(DteConfig config, long[] command) {
        if (Cmd.DOMAIN_ID.intIn(command) != config.domainId) {
            return false;
        }
        boolean guest = guest(config);
        if (Cmd.GN.isSet(command[1])) {
            return guest && Cmd.PASID.intIn(command) == Math.max(pasid, 0) && covers(command[1]);
        }
        return guest ? config.host.enabled() : covers(command[1]);
    }

    /** True if the range of a command meets the page that was translated. */
    private boolean covers(long w1) {
        int shift = Cmd.rangeShift(w1);
        if (shift >= Long.SIZE) {
            return true;
        }
        long first = Cmd.rangeStart(w1);
        long last = first + (1L << shift) - 1;
        long page = iova & -1L << pageShift;
        long end = page + (1L << pageShift) - 1;
        return Long.compareUnsigned(first, end) <= 0 && Long.compareUnsigned(page, last) <= 0;
    }
}
