package org.iommusim.hw.iommu;

/** Receives a device's interrupts. */
public interface InterruptSink {
    /**
     * An interrupt leaves the device now.
     *
     * @param source the device's name for it, e.g. {@code eventq}, {@code gerror}, {@code cmd-sync}
     */
    void raised(String source);
}
