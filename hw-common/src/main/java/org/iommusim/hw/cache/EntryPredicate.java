package org.iommusim.hw.cache;

/** Chooses entries of a {@link TaggedCache}, normally to invalidate them. A reusable object, so that a call allocates nothing. */
public interface EntryPredicate {
    /**
     * True if it chooses this entry.
     *
     * @param entry a valid entry; its tags and values can be read from {@code cache}
     */
    boolean matches(TaggedCache cache, int entry);
}
