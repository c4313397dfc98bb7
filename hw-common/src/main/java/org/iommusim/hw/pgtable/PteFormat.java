package org.iommusim.hw.pgtable;

import org.iommusim.hw.driver.PagingDomain;

/** The entries of one table format: bits only, no memory. Immutable. */
public interface PteFormat {
    /** True if an entry says anything: hardware does not stop at it. */
    boolean isPresent(long entry);

    /** True if an entry of a height points to a table below. */
    boolean isTable(long entry, int height);

    /** Address that an entry of a height points to: of a table, or of the memory that a leaf maps. */
    long output(long entry, int height);

    /**
     * An entry that points to a table.
     *
     * @param table address of the table
     * @param height of the entry
     */
    long tableEntry(long table, int height);

    /**
     * A leaf.
     *
     * @param address of what it maps
     * @param protection bits {@link PagingDomain#PROT_READ}, {@link PagingDomain#PROT_WRITE}
     */
    long leafEntry(long address, int height, int protection);

    /** Greatest height at which there are leaves. */
    int highestLeaf();
}
