package org.iommusim.scenario.conform;

import java.util.List;
import java.util.Map;
import org.iommusim.hw.conform.VectorTarget;
import org.iommusim.hw.dma.DmaOutcome;
import org.jspecify.annotations.Nullable;

/**
 * What the model did with a DMA or an interrupt message.
 *
 * @param outcomes how each request ended; one for each 4 KiB page that the DMA touched
 * @param addresses physical address of the first byte of each request, -1 if it has none
 * @param message address and data of the interrupt message that left; empty if none did
 * @param changed words of memory, of those that the vector names, that the IOMMU has changed
 * @param records fault records written during the DMA, oldest first; before them those that software had left
 * @param left how many it had left
 * @param before state of the device before it, by name
 * @param after state of the device after it, by name
 */
record Observation(
        List<DmaOutcome> outcomes,
        List<Long> addresses,
        List<Long> message,
        List<MemoryWord> changed,
        List<long[]> records,
        int left,
        Map<String, Long> before,
        Map<String, Long> after) {
    /** True if the IOMMU let all of it through, even to where there is no memory. */
    boolean ok() {
        return outcomes.stream()
                .allMatch(outcome ->
                        outcome.completed() || outcome == DmaOutcome.BUS_ERROR || outcome == DmaOutcome.INTERRUPT);
    }

    /** True if a request never got an answer, or lost its device. */
    boolean unanswered() {
        return outcomes.contains(DmaOutcome.PENDING) || outcomes.contains(DmaOutcome.LOST);
    }

    boolean bypass() {
        return outcomes.contains(DmaOutcome.BYPASS);
    }

    /** True if it was let through but there was no memory. */
    boolean noMemory() {
        return outcomes.contains(DmaOutcome.BUS_ERROR);
    }

    /** True if the device saw a bus error. */
    boolean busError() {
        return outcomes.stream().anyMatch(outcome -> !outcome.completed());
    }

    /** The first fault record, or {@code null}. */
    long @Nullable [] record() {
        return records.isEmpty() ? null : records.get(0);
    }

    /** True if both are the same result. */
    boolean sameResult(Observation other) {
        if (!outcomes.equals(other.outcomes)
                || !addresses.equals(other.addresses)
                || !message.equals(other.message)
                || records.size() != other.records.size()) {
            return false;
        }
        for (int i = 0; i < records.size(); i++) {
            if (!java.util.Arrays.equals(records.get(i), other.records.get(i))) {
                return false;
            }
        }
        return true;
    }

    /** One line for people. */
    String text(VectorTarget target) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < outcomes.size(); i++) {
            text.append(i == 0 ? "" : ", ").append(outcomes.get(i));
            text.append(addresses.get(i) == -1L ? "" : " 0x" + Long.toHexString(addresses.get(i)));
        }
        if (!message.isEmpty()) {
            text.append(' ').append(Judge.hex(message));
        }
        records.forEach(record -> text.append(", ").append(target.records().text(record)));
        return text.toString();
    }
}
