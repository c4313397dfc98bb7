package org.iommusim.iommufd.mm;

/** Protections and flags of {@code mmap}. */
public enum MmapFlag {
    /** {@code PROT_WRITE}. */
    WRITE,
    /** {@code PROT_EXEC}: nothing here executes, but files may refuse it. */
    EXEC,
    /** {@code MAP_SHARED}; without it {@code MAP_PRIVATE}. */
    SHARED,
    /** {@code MAP_HUGETLB}: pages of 2 MiB. */
    HUGE,
    /** {@code MAP_POPULATE}: pages come now, not when they are touched. */
    POPULATE
}
