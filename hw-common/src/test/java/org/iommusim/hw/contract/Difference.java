package org.iommusim.hw.contract;

/** What an architecture, or one of its ways of translating, does otherwise than the others. Adapters give the reason. */
public enum Difference {
    /** Requests with a PASID are refused: this way of translating has no place for their tables. */
    NO_PASIDS,
    /** The driver makes no nested domains here. */
    NO_NESTING,
    /** A page that is there and may not be written is told as one that is not there: the records have one kind for both. */
    ABSENT_IS_FORBIDDEN,
    /** What the entry of a function refuses is not recorded. */
    BLOCKS_SILENTLY,
    /** What a function's entry refuses is told as a page that is not there. */
    ENTRY_FAULTS_AS_PAGES,
    /** Records of what a function's entry refuses do not say which access it was. */
    ENTRY_FAULTS_WITHOUT_ACCESS,
    /** Records say the page that was asked for, not the byte. */
    FAULTS_BY_PAGE,
    /** Further faults of a source are left out while a record of it is pending. */
    COLLAPSES_FAULTS,
    /** A large page is only forgotten if all of it is named: software must say how large it is. */
    LARGE_PAGES_AS_A_WHOLE,
    /** What is cached of entries is told apart by space: invalidating a function's entry takes those of others of its space. */
    ENTRIES_BY_SPACE,
    /** That a page is not there is cached until it is invalidated. */
    CACHES_ABSENCE,
    /** Completion is told although an invalidation of a device has timed out. */
    COMPLETES_AFTER_TIMEOUT
}
