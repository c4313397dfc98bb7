package org.iommusim.smmuv3.driver;

import org.iommusim.smmuv3.spec.Ste;

/** Which bits of an entry hardware looks at, by its Config: {@code arm_smmu_get_ste_used}. */
final class SteUsed {
    private static final long WORD0_S1 = Ste.S1FMT.mask() | Ste.S1CONTEXTPTR.mask() | Ste.S1CDMAX.mask();
    private static final long WORD1_S1 = Ste.S1DSS.mask()
            | Ste.S1CIR.mask()
            | Ste.S1COR.mask()
            | Ste.S1CSH.mask()
            | Ste.S1STALLD.mask()
            | Ste.STRW.mask()
            | Ste.EATS.mask()
            | Ste.MEV.mask();
    private static final long WORD1_S2 = Ste.S2FWB.mask() | Ste.EATS.mask() | Ste.SHCFG.mask() | Ste.MEV.mask();
    /** The fields that make up VTCR. */
    private static final long VTCR = Ste.S2T0SZ.mask()
            | Ste.S2SL0.mask()
            | Ste.S2IR0.mask()
            | Ste.S2OR0.mask()
            | Ste.S2SH0.mask()
            | Ste.S2TG.mask()
            | Ste.S2PS.mask();

    private static final long WORD2_S2 = Ste.S2VMID.mask()
            | VTCR
            | Ste.S2AA64.mask()
            | Ste.S2ENDI.mask()
            | Ste.S2PTW.mask()
            | Ste.S2S.mask()
            | Ste.S2R.mask();

    private SteUsed() {}

    /** The used bits of a word of an entry. */
    static long used(long[] ste, int word) {
        if (!Ste.V.isSet(ste[0])) {
            return word == 0 ? Ste.V.mask() : 0;
        }
        int config = Ste.CONFIG.intIn(ste);
        boolean s1 = config >= Ste.BYPASS && (config & Ste.CONFIG_S1) != 0;
        boolean s2 = config >= Ste.BYPASS && (config & Ste.CONFIG_S2) != 0;
        return switch (word) {
            case 0 -> Ste.V.mask() | Ste.CONFIG.mask() | (s1 ? WORD0_S1 : 0);
            case 1 ->
                (s1 ? WORD1_S1 : 0)
                        | (s2 ? WORD1_S2 : 0)
                        | (s1 && Ste.S1DSS.intIn(ste) == Ste.S1DSS_BYPASS || config == Ste.BYPASS
                                ? Ste.SHCFG.mask()
                                : 0);
            // The VMID counts even if stage 2 is off.
            case 2 -> (s1 ? Ste.S2VMID.mask() : 0) | (s2 ? WORD2_S2 : 0);
            case 3 -> s2 ? Ste.S2TTB.mask() : 0;
            default -> 0;
        };
    }

    /**
     * Bits that may change at any moment although they are used ({@code arm_smmu_get_ste_update_safe}): merging of events,
     * and EATS, because the device's ATS is off while it changes; but not where EATS together with S2S would be illegal,
     * nor for split-stage ATS.
     */
    static long safe(long[] from, long[] to, int word) {
        if (word != 1) {
            return 0;
        }
        boolean split = ((from[1] | to[1]) & (long) Ste.EATS_S1CHK << Ste.EATS.lo()) != 0;
        boolean stall = Ste.S2S.isSet(from[2] | to[2]);
        return Ste.MEV.mask() | (split || stall ? 0 : Ste.EATS.mask());
    }
}
