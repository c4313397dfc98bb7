package org.iommusim.hw.provider;

import java.util.SortedMap;

/** How a vendor's fault (event) records are read: for people, and for comparing two records field by field. */
public interface FaultRecordFormat {
    /** 64-bit words in a record. */
    int words();

    /** The architecture's name of what a record reports, e.g. {@code F_TRANSLATION}. */
    String name(long[] record);

    /** The fields that this kind of record carries, as the architecture spells them, with their values. */
    SortedMap<String, Long> fields(long[] record);

    /**
     * Which bits of a record mean something: the others are undefined by the architecture, and two records that differ
     * only there are the same.
     */
    long[] definedBits(long[] record);

    /** A record in one line for humans, name first. */
    String text(long[] record);
}
