package org.iommusim.scenario.conform;

import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import org.jspecify.annotations.Nullable;

/**
 * What the check model of the architecture says about a DMA or an interrupt message.
 *
 * @param ok whether it is translated or passed; {@code null} if it does not say
 * @param address physical address of the first byte; {@code null} if it does not say
 * @param named whether it says which fault there is
 * @param name the fault's name; {@code null} for none
 * @param record the whole fault record; {@code null} if it does not give it
 * @param fields what it says about the fault record
 * @param memory words of memory that the IOMMU itself is to have changed
 * @param unsure which of its words ({@code ok}, {@code pa}, {@code name}, names of fields) are only listed
 */
record ArchClaim(
        @Nullable Boolean ok,
        @Nullable Long address,
        boolean named,
        @Nullable String name,
        long @Nullable [] record,
        SortedMap<String, Long> fields,
        List<MemoryWord> memory,
        SortedSet<String> unsure) {}
