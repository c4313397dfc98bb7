package org.iommusim.iommufd.actor;

import java.util.SortedMap;
import org.iommusim.hw.dma.DmaRequest;

/** Hears what happens in a run, in the order of simulated time; all times are ps. It never changes a result. */
public interface RunListener {
    /** True if it wants to be told what costs time to put into words: steps that start, and objects and devices. */
    default boolean wantsText() {
        return true;
    }

    /** A step starts. {@code text} shows its fields, references resolved. */
    default void stepStarted(long timePs, String actor, int index, Verb verb, String text) {}

    /**
     * A step ended.
     *
     * @param errno its answer, 0 or negative
     * @param outputs what it gave back, by name
     * @param asExpected false if the script expected another answer
     */
    default void stepEnded(
            long timePs,
            String actor,
            int index,
            ScriptStep step,
            int errno,
            SortedMap<String, Long> outputs,
            boolean asExpected) {}

    /**
     * An object of an iommufd context changed.
     *
     * @param context which /dev/iommu file, e.g. {@code vmm.iommufd}
     * @param type the object's type, e.g. {@code VDEVICE}
     * @param id its id
     * @param change {@code reserved}, {@code created}, {@code destroyed}, {@code aborted}, {@code tombstone}
     * @param detail what it hangs on, e.g. {@code viommu 4, virt_id 0x8}
     */
    default void objectChanged(long timePs, String context, String type, int id, String change, String detail) {}

    /** A device was plugged, removed, bound, unbound, attached, detached. */
    default void deviceChanged(long timePs, String device, String change) {}

    /** A fault or event record arrived at software. {@code text} is its decoded form. */
    default void eventReported(long timePs, String iommu, String text) {}

    /** A DMA request is answered; it is reused after this call. */
    default void dmaAnswered(String traffic, DmaRequest request) {}
}
