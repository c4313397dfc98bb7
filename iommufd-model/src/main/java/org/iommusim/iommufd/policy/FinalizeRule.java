package org.iommusim.iommufd.policy;

/**
 * How {@code iommufd_object_finalize} publishes an object, and what it takes for a mistake. The XArray's ordinary functions
 * show a reserved entry as an empty one; only the raw view tells them apart.
 */
public enum FinalizeRule {
    /** Linux 6.12 and the first version of vDEVICEs. */
    STORE("xa_store; WARN if an object was there (a reserved entry and an empty one look alike)") {
        @Override
        public boolean warns(boolean reserved, boolean live) {
            return live;
        }
    },
    /** As it was typed in the review: the result of replacing the reserved entry is the empty one. */
    COMPARE_WITH_RESULT(
            "xa_cmpxchg of the reserved entry; WARN unless its result is the reserved entry, which it never is") {
        @Override
        public boolean warns(boolean reserved, boolean live) {
            return true;
        }
    },
    /** Linux 6.13 and later. */
    RAW_STORE("xas_store; WARN unless the entry was the reserved one") {
        @Override
        public boolean warns(boolean reserved, boolean live) {
            return !reserved;
        }
    };

    private final String text;

    FinalizeRule(String text) {
        this.text = text;
    }

    /** The rule in one line. */
    public String text() {
        return text;
    }

    /**
     * Whether it warns.
     *
     * @param reserved true if the entry was the reserved one
     * @param live true if an object was there
     */
    public abstract boolean warns(boolean reserved, boolean live);
}
