package org.iommusim.hw.walk;

import org.jspecify.annotations.Nullable;

/**
 * One stage's configuration in the form that formats want it: decoded once from a context descriptor, device table entry
 * or PASID entry. Plain mutable fields, because walk slots and configuration caches own preallocated ones and copy into
 * them.
 */
public final class StageParameters {
    /** The format of this stage's tables; {@code null} if the stage is bypassed. */
    public @Nullable TableFormat format;
    /** Address of the first table (in the output space of this stage's table reads). */
    public long root;
    /** Width of the input address, bits. */
    public int inputBits;
    /** log2 of the smallest page, which is also the size of a table. */
    public int granuleShift;
    /** Level at which the walk starts, in the format's own numbering. */
    public int startLevel;
    /** Width of the output address, bits. */
    public int outputBits;
    /** The format's own switches (accessed-flag rules, write protection, hierarchical attributes, ...). */
    public int flags;
    /** The format's own further configuration. */
    public long extra;
    /** Tag of address space for caches (ASID, PASID, domain id, ...), in the vendor's meaning. */
    public int tag;

    /** True if this stage translates. */
    public boolean enabled() {
        return format != null;
    }

    /** Takes over all fields of another. */
    public void copyFrom(StageParameters other) {
        format = other.format;
        root = other.root;
        inputBits = other.inputBits;
        granuleShift = other.granuleShift;
        startLevel = other.startLevel;
        outputBits = other.outputBits;
        flags = other.flags;
        extra = other.extra;
        tag = other.tag;
    }

    /** Makes the stage a bypass. */
    public void clear() {
        format = null;
        root = 0;
        inputBits = 0;
        granuleShift = 0;
        startLevel = 0;
        outputBits = 0;
        flags = 0;
        extra = 0;
        tag = 0;
    }
}
