package org.iommusim.scenario.conform;

import java.util.List;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * One recorded hardware case.
 *
 * @param id its name
 * @param kind the kind of IOMMU
 * @param why what it is about
 * @param identification identification registers by name
 * @param memory words of memory that are there before the first register write
 * @param registers register writes that set the device up
 * @param steps what happens then
 * @param quirk in what the recorded machine and the check model disagree; {@code null} if they agree
 * @param eventQuirk the same, if they disagree about details of fault records only
 * @param cacheDependent whether results depend on what the recorded machine cached
 */
record HardwareVector(
        String id,
        String kind,
        String why,
        SortedMap<String, Long> identification,
        List<MemoryWord> memory,
        List<RegisterWrite> registers,
        List<VectorStep> steps,
        @Nullable String quirk,
        @Nullable String eventQuirk,
        boolean cacheDependent) {}
