package org.iommusim.sim.world;

/** The 64-bit mixing function behind world hashes. */
public final class Mix {
    private Mix() {}

    /** A bijective mix of 64 bits (the finalizer of SplitMix64): every input bit reaches every output bit. */
    public static long mix(long z) {
        z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
        return z ^ (z >>> 31);
    }
}
