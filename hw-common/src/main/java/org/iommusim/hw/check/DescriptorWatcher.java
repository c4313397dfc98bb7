package org.iommusim.hw.check;

/** What checkers hear of descriptors in memory; they watch and never change a result. */
public interface DescriptorWatcher {
    /** Software begins to rewrite the descriptor at an address. */
    void rewrites(long address, Rewrite rewrite);

    /** Hardware has read a descriptor whole and goes on with it. */
    void reads(String reader, long address, long[] words);
}
