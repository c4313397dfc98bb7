package org.iommusim.hw.dma;

/** Where a DMA request can spend time, on every vendor's IOMMU; in the order in which a request meets them. */
public enum Station {
    /** Ready to go, but the device has all its outstanding requests in flight. */
    DEVICE_QUEUE("device-queue", "waiting in the device for a free outstanding request"),
    /** On the link from the device, its wait for the link included. */
    LINK_UP("link-up", "PCIe link towards the root complex"),
    /** At the IOMMU's door: port beats and the wait for a slot of the front end. */
    FRONT_END("front-end", "accepting the request"),
    /** Looking up the first-level translation cache, the wait for its port included. */
    MICRO_TLB("micro-tlb", "first-level TLB lookup"),
    /** Looking up the main translation cache, the wait for its port included. */
    MAIN_TLB("main-tlb", "main TLB lookup"),
    /** Waiting for another request that translates the same page. */
    HAZARD("hazard", "waiting for a translation of the same page"),
    /** Waiting for a translation slot of the shared unit. */
    SLOT_WAIT("slot-wait", "waiting for a translation slot"),
    /** On the IOMMU's internal interconnect. */
    INTERCONNECT("interconnect", "between front end and walker"),
    /** Looking up cached configuration (STE and CD, DTE, context and PASID entry). */
    CONFIG_CACHE("config-cache", "configuration cache lookup"),
    /** Reading configuration from memory. */
    CONFIG_FETCH("config-fetch", "reading configuration structures"),
    /** Looking up the translation cache of the shared unit, the wait for its port included. */
    SHARED_TLB("shared-tlb", "shared TLB lookup"),
    /** Waiting for a walk slot. */
    WALK_WAIT("walk-wait", "waiting for a walk slot"),
    /** Looking up cached table pointers. */
    WALK_CACHE("walk-cache", "walk cache lookups"),
    /** Reading stage-1 (first-stage, guest) table entries. */
    STAGE1_READ("stage1-read", "reading stage-1 tables"),
    /** Reading stage-2 (second-stage, host) table entries. */
    STAGE2_READ("stage2-read", "reading stage-2 tables"),
    /** The walker's own cycles. */
    WALK_LOGIC("walk-logic", "walker cycles"),
    /** Translated, but an older request of the same order must leave first. */
    ORDER_WAIT("order-wait", "waiting for older requests"),
    /** At the IOMMU's port to memory. */
    PORT("port", "port to memory"),
    /** The data access itself. */
    DATA("data", "data access in memory"),
    /** On the link back to the device. */
    LINK_DOWN("link-down", "PCIe link towards the device"),
    /** Held by a stall or a page request until software answers. */
    STALLED("stalled", "held until software answers a fault");

    private final String label;
    private final String meaning;

    Station(String label, String meaning) {
        this.label = label;
        this.meaning = meaning;
    }

    /** Short name for tables and files. */
    public String label() {
        return label;
    }

    /** What the time there is spent on. */
    public String meaning() {
        return meaning;
    }
}
