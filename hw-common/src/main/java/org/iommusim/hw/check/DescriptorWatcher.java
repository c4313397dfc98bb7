package org.iommusim.hw.check;

/** What checkers hear of descriptors in memory; they watch and never change a result. */
public interface DescriptorWatcher {
    /** Software begins to rewrite the descriptor at an address. */
    void rewrites(long address, Rewrite rewrite);

    /** Software has stored a word of a descriptor, which is now this. */
    default void stored(long address, long[] words) {}

    /**
     * Software has been told that an invalidation of what is cached of descriptors is complete: nobody reads any more what he
     * began to read before.
     */
    default void settled(SourceKind kind) {}

    /** Hardware has read a descriptor whole and goes on with it. */
    void reads(String reader, long address, long[] words);
}
