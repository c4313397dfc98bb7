package org.iommusim.vtd.driver;

import org.iommusim.sim.world.Identified;
import org.iommusim.sim.world.RefCell;
import org.jspecify.annotations.Nullable;

/**
 * {@code struct cache_tag}: a cache that may hold translations of a domain. A domain's tags are an immutable list of them.
 *
 * @param type which cache
 * @param did the domain id that its entries carry; for a nesting parent that of the nested domain
 * @param pasid the PASID whose requests it serves
 * @param info a device behind it; for device TLBs the device itself
 * @param users how often it was assigned
 * @param next the rest of the list
 */
record CacheTag(
        Type type,
        int did,
        int pasid,
        DeviceInfo info,
        int users,
        @Nullable CacheTag next) implements Identified {
    /** Kinds of tags, as the kernel's {@code enum cache_tag_type}. */
    enum Type {
        /** The unit's IOTLB. */
        IOTLB,
        /** A device's TLB. */
        DEVTLB,
        /** The unit's IOTLB, whose entries combine this domain's second stage with a first stage above it. */
        NESTING_IOTLB,
        /** A device's TLB with such entries. */
        NESTING_DEVTLB
    }

    /** True for the TLB of a device. */
    boolean ofDevice() {
        return type == Type.DEVTLB || type == Type.NESTING_DEVTLB;
    }

    private boolean same(Type otherType, int otherDid, int otherPasid, DeviceInfo other) {
        return type == otherType && did == otherDid && pasid == otherPasid && (!ofDevice() || info == other);
    }

    /** {@code cache_tag_assign}. */
    static void assign(RefCell<CacheTag> list, Type type, int did, int pasid, DeviceInfo info) {
        int users = 1;
        for (CacheTag t = list.get(); t != null; t = t.next) {
            users += t.same(type, did, pasid, info) ? t.users : 0;
        }
        CacheTag rest = without(list.get(), type, did, pasid, info);
        list.set(new CacheTag(type, did, pasid, info, users, rest));
    }

    /** {@code cache_tag_unassign}. */
    static void unassign(RefCell<CacheTag> list, Type type, int did, int pasid, DeviceInfo info) {
        int users = 0;
        for (CacheTag t = list.get(); t != null; t = t.next) {
            users += t.same(type, did, pasid, info) ? t.users : 0;
        }
        CacheTag rest = without(list.get(), type, did, pasid, info);
        list.set(users > 1 ? new CacheTag(type, did, pasid, info, users - 1, rest) : rest);
    }

    private static @Nullable CacheTag without(@Nullable CacheTag list, Type type, int did, int pasid, DeviceInfo info) {
        if (list == null) {
            return null;
        }
        CacheTag rest = without(list.next, type, did, pasid, info);
        return list.same(type, did, pasid, info)
                ? rest
                : new CacheTag(list.type, list.did, list.pasid, list.info, list.users, rest);
    }

    @Override
    public long stableId() {
        long here = ((type.ordinal() * 31L + did) * 31 + pasid) * 31 + users;
        return (next == null ? 7 : next.stableId()) * 1_000_003 + here * 31 + info.stableId();
    }
}
