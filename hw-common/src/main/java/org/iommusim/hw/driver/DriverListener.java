package org.iommusim.hw.driver;

/** Hears what a driver would print to the kernel's log. It watches and never changes a result. */
public interface DriverListener {
    /**
     * The driver took a fault or event record out of the hardware's queue.
     *
     * @param iommu name of the device
     * @param record the record's words, as the hardware wrote them; a copy
     * @param text the record in one line, beginning with its name
     */
    void event(String iommu, long[] record, String text);

    /** The driver has something to say: an error of a queue, lost records, a timeout. */
    void message(String iommu, String text);
}
