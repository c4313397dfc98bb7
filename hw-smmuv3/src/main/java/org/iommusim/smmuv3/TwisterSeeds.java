package org.iommusim.smmuv3;

/** Where the random replacement of each kind of structure begins if it draws as gem5 does (gem5 smmu_v3_caches.cc). */
final class TwisterSeeds {
    /** Micro TLB and main TLB of a front end. */
    static final long TLB = 0xEA752DFEL;
    /** TLB of the shared unit. */
    static final long SHARED_TLB = 0x8B021FA1L;

    static final long IPA_CACHE = 0xE5A0CC0FL;
    static final long CONFIG_CACHE = 0xB56F74E8L;
    static final long WALK_CACHE = 0x18ACF3D6L;

    private TwisterSeeds() {}
}
