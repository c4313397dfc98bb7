package org.iommusim.amdvi.spec;

import org.iommusim.hw.spec.BitField;

/** First word of a unit's PCI capability: 32 bits, of which the driver needs these. */
public final class Capability {
    /** Functions may have a TLB of their own (ATS). */
    public static final BitField IOTLB_SUP = BitField.bit("IotlbSup", 0, 24);
    /** What is not present may be cached. */
    public static final BitField NP_CACHE = BitField.bit("NpCache", 0, 26);

    private Capability() {}
}
