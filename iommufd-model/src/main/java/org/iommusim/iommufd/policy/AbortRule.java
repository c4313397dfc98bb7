package org.iommusim.iommufd.policy;

/** How {@code iommufd_object_abort} gives an id back, and what it takes for a mistake. */
public enum AbortRule {
    /** Linux 6.12 and the first versions of vDEVICEs. */
    ERASE("xa_erase; WARN if an object was there; kfree", false, false),
    /** Linux 6.13 to 6.16. */
    RAW_ERASE("xas_store of nothing; WARN unless the entry was the reserved one; kfree", true, false),
    /** Linux 6.17 and later. */
    RAW_ERASE_UNUSED(
            "xas_store of nothing; WARN unless the entry was the reserved one; if users is not 1 WARN and no kfree",
            true,
            true);

    private final String text;
    private final boolean raw;
    private final boolean checksUsers;

    AbortRule(String text, boolean raw, boolean checksUsers) {
        this.text = text;
        this.raw = raw;
        this.checksUsers = checksUsers;
    }

    /** The rule in one line. */
    public String text() {
        return text;
    }

    /**
     * Whether it warns of the entry.
     *
     * @param reserved true if the entry was the reserved one
     * @param live true if an object was there
     */
    public boolean warns(boolean reserved, boolean live) {
        return raw ? !reserved : live;
    }

    /** Whether an object that others hold is a mistake, and not freed. */
    public boolean checksUsers() {
        return checksUsers;
    }
}
