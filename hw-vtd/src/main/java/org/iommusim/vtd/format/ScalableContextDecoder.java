package org.iommusim.vtd.format;

import org.iommusim.vtd.spec.Cap;
import org.iommusim.vtd.spec.FaultReason;
import org.iommusim.vtd.spec.ScalableContextEntry;

/** Checks a context entry of scalable mode and decodes it. */
public final class ScalableContextDecoder {
    private ScalableContextDecoder() {}

    /**
     * Decodes an entry. On a fault {@code out} allows nothing, but its FPD is the entry's. Flags that the unit does not have
     * are ignored: without {@code ECAP.RPS} the PASID of requests without one is 0, whatever RID_PASID says.
     *
     * @param words the entry as it was read
     * @param cap what the unit can do
     * @param hostAddressBits width of a physical address
     * @return 0 or a fault reason
     */
    public static int decode(long[] words, Cap cap, int hostAddressBits, ScalableContext out) {
        out.clear();
        long w0 = words[0];
        out.fpd = ScalableContextEntry.FPD.isSet(w0);
        if (!ScalableContextEntry.P.isSet(w0)) {
            return FaultReason.SM_CONTEXT_NOT_PRESENT;
        }
        long reserved = w0 & (ScalableContextEntry.RESERVED0 | -1L << hostAddressBits)
                | words[1] & ScalableContextEntry.RESERVED1
                | (words[2] | words[3]) & ScalableContextEntry.RESERVED23;
        if (reserved != 0) {
            return FaultReason.SM_CONTEXT_RESERVED;
        }
        out.dte = cap.dt() && ScalableContextEntry.DTE.isSet(w0);
        out.paside = cap.pasid() && ScalableContextEntry.PASIDE.isSet(w0);
        out.pre = cap.prs() && ScalableContextEntry.PRE.isSet(w0);
        out.directory = ScalableContextEntry.PASIDDIRPTR.inPlace(w0);
        out.pasids = ScalableContextEntry.pasids(w0);
        out.ridPasid = cap.rps() ? ScalableContextEntry.RID_PASID.intIn(words) : 0;
        out.ridPriv = cap.rprivs() && ScalableContextEntry.RID_PRIV.isSet(words[1]);
        return FaultReason.NONE;
    }

    /**
     * Checks a request against its context.
     *
     * @param pasid the request's, or below 0: without
     * @param deviceTlb it is a translation request or a translated request
     * @param pageRequest it is a page request
     * @return 0 or a fault reason
     */
    public static int admit(ScalableContext context, int pasid, boolean deviceTlb, boolean pageRequest) {
        if (deviceTlb && !context.dte) {
            return FaultReason.SM_DTE;
        }
        if (pasid >= 0 && !context.paside) {
            return FaultReason.SM_PASIDE;
        }
        if (pasid >= context.pasids) {
            return FaultReason.SM_PASID_RANGE;
        }
        if (pageRequest && !context.pre) {
            return FaultReason.SM_PRE;
        }
        return pasid < 0 && context.ridPasid >= context.pasids ? FaultReason.SM_RID_PASID : FaultReason.NONE;
    }
}
