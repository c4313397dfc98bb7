package org.iommusim.scenario.conform;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What became of a recorded DMA or interrupt message.
 *
 * @param ok whether it was translated or passed; {@code null} if that could not be seen
 * @param addresses physical address of the first byte in each page that it touched; empty if not ok
 * @param message address and data of the interrupt message that left; empty if none did
 * @param bypass it passed untranslated
 * @param noMemory there was no memory at the physical address
 * @param record the fault record, or {@code null} for none
 * @param name the fault's name, or {@code null} if it is not given
 * @param states state of the device after it, by name
 * @param allStates whether states that are given only if they changed, and are not given, did not change
 * @param busError what the device saw: a bus error or not; {@code null} if that is not given
 * @param memory words of memory that the IOMMU itself changed
 */
record AccessExpectation(
        @Nullable Boolean ok,
        List<Long> addresses,
        List<Long> message,
        boolean bypass,
        boolean noMemory,
        long @Nullable [] record,
        @Nullable String name,
        Map<String, Long> states,
        boolean allStates,
        @Nullable Boolean busError,
        List<MemoryWord> memory) {}
