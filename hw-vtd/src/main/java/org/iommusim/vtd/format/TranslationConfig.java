package org.iommusim.vtd.format;

import org.iommusim.hw.walk.StageParameters;

/**
 * What a context entry (legacy) or a PASID entry (scalable) comes to: how the requests of one function, or of one of its
 * PASIDs, are translated. Plain mutable fields, because caches and flights own preallocated ones and copy into them.
 */
public final class TranslationConfig {
    /** Nothing passes: no entry was decoded, or it is not legal. */
    public static final int BLOCKED = 0;
    /** First stage only. */
    public static final int FIRST = 1;
    /** Second stage only. */
    public static final int SECOND = 2;
    /** First stage over second stage. */
    public static final int NESTED = 3;
    /** Pass-through. */
    public static final int PASS_THROUGH = 4;

    /** {@link #BLOCKED} ... {@link #PASS_THROUGH}: the codes of {@code PGTT}. */
    public int kind;
    /** It comes from a scalable-mode entry: faults have the reasons of scalable mode. */
    public boolean scalable;
    /** Qualified faults are not recorded. It also counts if the entry is not present or not legal. */
    public boolean fpd;
    /** Legacy: translation requests and translated requests are allowed (in scalable mode the context says so). */
    public boolean ats;
    /** Domain id. */
    public int did;
    /** Widest address that a request may have, bits; an address of the first stage must be canonical instead. */
    public int addressBits;
    /** The first stage; not enabled if there is none. */
    public final StageParameters stage1 = new StageParameters();
    /** The second stage; not enabled if there is none. */
    public final StageParameters stage2 = new StageParameters();
    /** First stage: supervisor requests are allowed. */
    public boolean sre;
    /** First stage: execute requests are allowed. */
    public boolean ere;
    /** What is said of memory types and snooping: bits of {@link MemoryType}. */
    public long memory;

    /** Takes over all fields of another. */
    public void copyFrom(TranslationConfig other) {
        kind = other.kind;
        scalable = other.scalable;
        fpd = other.fpd;
        ats = other.ats;
        did = other.did;
        addressBits = other.addressBits;
        stage1.copyFrom(other.stage1);
        stage2.copyFrom(other.stage2);
        sre = other.sre;
        ere = other.ere;
        memory = other.memory;
    }

    /** Blocks everything. */
    public void clear() {
        kind = BLOCKED;
        scalable = false;
        fpd = false;
        ats = false;
        did = 0;
        addressBits = 0;
        stage1.clear();
        stage2.clear();
        sre = false;
        ere = false;
        memory = 0;
    }

    /** True if addresses are not translated. */
    public boolean passThrough() {
        return kind == PASS_THROUGH;
    }

    /** True if there is a first stage. */
    public boolean first() {
        return kind == FIRST || kind == NESTED;
    }

    /** True if there is a second stage. */
    public boolean second() {
        return kind == SECOND || kind == NESTED;
    }
}
