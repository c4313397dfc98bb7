package org.iommusim.smmuv3;

import org.iommusim.hw.cache.EntryPredicate;
import org.iommusim.hw.cache.TaggedCache;
import org.iommusim.hw.walk.WalkCache;

/**
 * What one command invalidates: which entries of each cache, and which transactions in flight may still use, or put back,
 * what is invalidated. One reusable object per command queue.
 *
 * <p>Configuration: entries of one stream, a range of streams, or all; or only one substream's. A stream's entries in the
 * front ends' TLBs go with its configuration, because they are tagged by stream.
 *
 * <p>Translations of EL2 belong to no VM: TLBI_EL2_* concern them, and no other command does.
 *
 * <p>Translations: TLBI_NH_* concern stage-1 entries, and those made by both stages; TLBI_S2_IPA concerns entries made by
 * stage 2 alone, so that combined entries survive it (software must send a TLBI_NH_ALL as well).
 */
final class Invalidation {
    /** What is invalidated. */
    enum Scope {
        /** Configuration of streams; the STE and all CDs. */
        STREAMS,
        /** CDs of a stream: one, or all. */
        CDS,
        /** Every translation. */
        EVERYTHING,
        /** Translations of a VM, by either stage or both. */
        VM,
        /** Translations of a VM that stage 1 had a part in. */
        VM_STAGE1,
        /** Stage-1 translations of one address space, global ones excepted. */
        ADDRESS_SPACE,
        /** Stage-1 translations of an address range in one address space, global ones included. */
        ADDRESS,
        /** Stage-1 translations of an address range in all address spaces of a VM. */
        ADDRESS_ALL_SPACES,
        /** Stage-2 translations of a range of IPAs. */
        IPA
    }

    /** Any substream, or none. */
    static final int ALL_SUBSTREAMS = -2;

    /** Stage-1 addresses are compared in these bits: the top byte may be a tag. */
    private static final long VA_BITS = (1L << 56) - 1;

    private final Faults faults;
    private final boolean oneSet;
    private Scope scope = Scope.EVERYTHING;
    private int sid;
    private int sidMask;
    private int ssid;
    private int vmid;
    private int asid;
    private long first;
    private long last;
    private boolean leafOnly;
    private boolean el2;

    private final EntryPredicate tlbEntries = this::hitsTlb;
    private final EntryPredicate configEntries = this::hitsConfig;
    private final EntryPredicate walkEntries = this::hitsWalk;
    private final EntryPredicate ipaEntries = this::hitsIpa;

    /**
     * Makes a description without a command.
     *
     * @param oneSet whether an invalidation of a TLB by address, or of one substream, looks in one set only, which is what
     *     gem5 does
     */
    Invalidation(Faults faults, boolean oneSet) {
        this.faults = faults;
        this.oneSet = oneSet;
    }

    /** Configuration of all streams whose ids agree with {@code anyStream} in the bits of {@code mask}. */
    void streams(int anyStream, int mask) {
        scope = Scope.STREAMS;
        sid = anyStream;
        sidMask = mask;
        ssid = ALL_SUBSTREAMS;
    }

    /** CDs of a stream: {@code substream}'s, or with {@link #ALL_SUBSTREAMS} all. CD 0 serves transactions without one. */
    void contexts(int stream, int substream) {
        scope = Scope.CDS;
        sid = stream;
        sidMask = -1;
        ssid = substream;
    }

    /** The command that was described last concerns EL2, and only EL2. */
    void ofEl2() {
        el2 = true;
    }

    /** Translations without regard to addresses. */
    void translations(Scope newScope, int newVmid, int newAsid) {
        el2 = false;
        scope = newScope;
        vmid = newVmid;
        asid = newAsid;
        leafOnly = false;
    }

    /** Translations of a range of addresses. */
    void range(Scope newScope, int newVmid, int newAsid, long from, long bytes, boolean leaf) {
        scope = newScope;
        vmid = newVmid;
        asid = newAsid;
        el2 = false;
        long mask = newScope == Scope.IPA ? -1 : VA_BITS;
        first = from & mask;
        last = first + bytes - 1;
        leafOnly = leaf;
    }

    Scope scope() {
        return scope;
    }

    boolean concernsConfig() {
        return scope == Scope.STREAMS || scope == Scope.CDS;
    }

    boolean concernsTables() {
        return !concernsConfig();
    }

    EntryPredicate tlbEntries() {
        return tlbEntries;
    }

    EntryPredicate configEntries() {
        return configEntries;
    }

    EntryPredicate walkEntries() {
        return walkEntries;
    }

    EntryPredicate ipaEntries() {
        return ipaEntries;
    }

    /** True if a transaction in flight may still use, or put back, what is invalidated. Rather too often than too rarely. */
    boolean hits(Flight flight) {
        if (concernsConfig()) {
            return flight.usesConfig && hitsStream(flight.sid, flight.substream);
        }
        if (!flight.usesTranslation || flight.el2 != el2) {
            return false;
        }
        return switch (scope) {
            case EVERYTHING -> true;
            case VM -> flight.vmid == vmid;
            case VM_STAGE1 -> flight.vmid == vmid && flight.stage1;
            case ADDRESS_SPACE -> flight.vmid == vmid && flight.stage1 && flight.asid == asid;
            case ADDRESS, ADDRESS_ALL_SPACES -> flight.vmid == vmid && flight.stage1 && reaches(flight);
            // Stage 2 may be translating addresses of tables, too: any address may be concerned.
            case IPA -> flight.vmid == vmid && flight.stage2;
            default -> false;
        };
    }

    private boolean hitsStream(int stream, int substream) {
        return ((stream ^ sid) & sidMask) == 0 && (ssid == ALL_SUBSTREAMS || Math.max(0, substream) == ssid);
    }

    private boolean hitsConfig(TaggedCache cache, int entry) {
        if (faults.forgetsContexts && scope == Scope.CDS) {
            return false;
        }
        return hitsStream(Tlb.sid(cache, entry), Tlb.ssid(cache, entry));
    }

    /**
     * True if the command names an address of the page that a flight uses. A walk that is not through may hold a pointer to
     * a table that stands for more than its own page, and keep it.
     */
    private boolean reaches(Flight flight) {
        int shift = flight.stage1Shift != 0 ? flight.stage1Shift : flight.walk().stage1Shift();
        boolean walking = flight.stage1Shift == 0;
        return walking && !leafOnly || overlaps(flight.iova, -1L << Math.max(shift, 12));
    }

    private boolean hitsTlb(TaggedCache cache, int entry) {
        if (oneSet && !inSet(cache, entry)) {
            return false;
        }
        if (concernsConfig()) {
            return hitsConfig(cache, entry);
        }
        long facts = Tlb.facts(cache, entry);
        boolean stage1 = (facts & Tlb.STAGE1) != 0;
        if (((facts & Tlb.EL2) != 0) != el2) {
            return false;
        }
        if (faults.missesBlocks && cache.mask(entry) != -1L << 12
                || faults.missesNested && scope == Scope.VM_STAGE1 && (facts & Tlb.STAGE2) != 0) {
            return false;
        }
        if (scope == Scope.EVERYTHING) {
            return true;
        }
        if ((facts & Tlb.BYPASS) != 0 || Tlb.vmid(cache, entry) != vmid) {
            return false;
        }
        // One address of a stage-1 block stands for all of it, also where stage 2 has split it.
        long mask = stage1 ? Tlb.stage1Mask(cache, entry) : cache.mask(entry);
        boolean global = (facts & Tlb.GLOBAL) != 0;
        int space = Tlb.asid(cache, entry);
        return switch (scope) {
            case VM -> true;
            case VM_STAGE1 -> stage1;
            case ADDRESS_SPACE -> stage1 && space == asid && !global;
            case ADDRESS -> stage1 && (space == asid || global) && overlaps(cache.address(entry), mask);
            case ADDRESS_ALL_SPACES -> stage1 && overlaps(cache.address(entry), mask);
            case IPA -> !stage1 && overlaps(cache.address(entry), mask);
            default -> false;
        };
    }

    /** gem5 takes the set of the address, where a large page need not be; or a set by stream, where its entries are not. */
    private boolean inSet(TaggedCache cache, int entry) {
        return switch (scope) {
            case CDS -> ssid == ALL_SUBSTREAMS || cache.inSet(entry, (sid ^ ssid) & 0xffff_ffffL);
            case ADDRESS, ADDRESS_ALL_SPACES -> cache.inSet(entry, first >>> 12);
            default -> true;
        };
    }

    private boolean hitsIpa(TaggedCache cache, int entry) {
        return switch (scope) {
            case EVERYTHING -> !el2;
            case VM -> cache.tagA(entry) == vmid && !el2;
            case IPA -> cache.tagA(entry) == vmid && overlaps(cache.address(entry), cache.mask(entry));
            default -> false;
        };
    }

    private boolean hitsWalk(TaggedCache cache, int entry) {
        long tag = cache.tagA(entry);
        boolean stage1 = WalkCache.stage(cache, entry) == 1;
        if ((stage1 && (tag & SharedUnit.TAG_EL2) != 0) != el2) {
            return false;
        }
        if (scope == Scope.EVERYTHING) {
            return true;
        }
        if ((stage1 ? tag >>> 16 & 0xffff : tag) != vmid || leafOnly && !WalkCache.leaf(cache, entry)) {
            return false;
        }
        boolean global = WalkCache.global(cache, entry);
        int space = (int) tag & 0xffff;
        // One address of a stage-1 block stands for all of it, also where an entry is only a part of it.
        boolean block = stage1 && WalkCache.leaf(cache, entry);
        long mask = block ? WalkCache.pageMask(cache, entry) : cache.mask(entry);
        return switch (scope) {
            case VM -> true;
            case VM_STAGE1 -> stage1;
            case ADDRESS_SPACE -> stage1 && space == asid && !global;
            case ADDRESS -> stage1 && (space == asid || global) && overlaps(cache.address(entry), mask);
            case ADDRESS_ALL_SPACES -> stage1 && overlaps(cache.address(entry), mask);
            case IPA -> !stage1 && overlaps(cache.address(entry), cache.mask(entry));
            default -> false;
        };
    }

    /** True if an entry, which covers a range of addresses, shares an address with the command's range. */
    private boolean overlaps(long address, long mask) {
        long bits = scope == Scope.IPA ? -1 : VA_BITS;
        long from = address & mask & bits;
        long to = from + ~mask;
        return from <= last && first <= to;
    }
}
