package org.iommusim.vtd;

import org.iommusim.vtd.spec.Cap;
import org.iommusim.vtd.spec.Inv;
import org.iommusim.vtd.spec.Reg;

/** What descriptors and commands of registers say, put into an {@link Invalidation}. */
final class Described {
    private Described() {}

    /** A legal descriptor about caches of context, PASID or table entries. */
    static void describe(Invalidation what, long w0, long w1, Cap cap) {
        int did = Inv.DID.getInt(w0);
        switch (Inv.type(w0)) {
            case Inv.CONTEXT -> contexts(what, Inv.G.getInt(w0), did, Inv.SID.getInt(w0), Inv.FM.getInt(w0));
            case Inv.PASID_CACHE -> pasids(what, w0, did);
            case Inv.IOTLB -> {
                tables(what, Inv.G.getInt(w0), did, w1);
                drains(what, Inv.DR.isSet(w0), Inv.DW.isSet(w0), cap);
            }
            case Inv.PASID_IOTLB -> pasidTables(what, w0, w1, did);
            default -> throw new IllegalArgumentException("not about a cache: type " + Inv.type(w0));
        }
    }

    private static void contexts(Invalidation what, int granularity, int did, int sid, int functionMask) {
        switch (granularity) {
            case Reg.GRANULARITY_SELECTIVE -> what.contextDevice(did, sid, functionMask);
            case Reg.GRANULARITY_DOMAIN -> what.contextDomain(did);
            default -> what.contextGlobal();
        }
    }

    private static void pasids(Invalidation what, long w0, int did) {
        switch (Inv.G.getInt(w0)) {
            case Inv.G_PASID_CACHE_DOMAIN -> what.pasidCacheDomain(did);
            case Inv.G_PASID_CACHE_PASID -> what.pasidCacheSelective(did, Inv.PASID.getInt(w0));
            default -> what.pasidCacheGlobal();
        }
    }

    /** The second word of a descriptor by page has the layout of IVA. */
    private static void tables(Invalidation what, int granularity, int did, long w1) {
        switch (granularity) {
            case Reg.GRANULARITY_SELECTIVE ->
                what.iotlbPage(did, Inv.ADDRESS.inPlace(w1), Inv.AM.getInt(w1), Inv.IH.isSet(w1));
            case Reg.GRANULARITY_DOMAIN -> what.iotlbDomain(did);
            default -> what.iotlbGlobal();
        }
    }

    private static void pasidTables(Invalidation what, long w0, long w1, int did) {
        int pasid = Inv.PASID.getInt(w0);
        if (Inv.G.getInt(w0) == Inv.G_PASID_PAGE) {
            what.pasidIotlbPage(did, pasid, Inv.ADDRESS.inPlace(w1), Inv.AM.getInt(w1), Inv.IH.isSet(w1));
        } else {
            what.pasidIotlb(did, pasid);
        }
    }

    /** Without the capability the drain flags do not count, and nothing is drained. */
    private static void drains(Invalidation what, boolean reads, boolean writes, Cap cap) {
        what.drains(reads && cap.drd(), writes && cap.dwd());
    }

    /** A command of CCMD; returns the granularity that is done, 0 if the one asked for is reserved. */
    static int describeContexts(Invalidation what, long ccmd) {
        int granularity = (int) (ccmd >>> Reg.CCMD_CIRG_SHIFT) & 3;
        contexts(
                what,
                granularity,
                (int) ccmd & 0xffff,
                (int) (ccmd >>> Reg.CCMD_SID_SHIFT) & 0xffff,
                (int) (ccmd >>> Reg.CCMD_FM_SHIFT) & 3);
        return granularity;
    }

    /**
     * A command of IOTLB; returns the granularity that is done, 0 if the one asked for is reserved, or by page with a mask
     * that is too wide. By page without the capability, the whole domain.
     */
    static int describeTables(Invalidation what, long iotlb, long iva, Cap cap) {
        int granularity = (int) (iotlb >>> Reg.IOTLB_IIRG_SHIFT) & 3;
        int done = granularity == Reg.GRANULARITY_SELECTIVE ? pages(iva, cap) : granularity;
        tables(what, done, (int) (iotlb >>> Reg.IOTLB_DID_SHIFT) & 0xffff, iva);
        drains(what, (iotlb & Reg.IOTLB_DR) != 0, (iotlb & Reg.IOTLB_DW) != 0, cap);
        return done;
    }

    private static int pages(long iva, Cap cap) {
        if (!cap.psi()) {
            return Reg.GRANULARITY_DOMAIN;
        }
        return (iva & Reg.IVA_AM) > cap.mamv() ? 0 : Reg.GRANULARITY_SELECTIVE;
    }
}
