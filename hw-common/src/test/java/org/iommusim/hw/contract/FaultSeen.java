package org.iommusim.hw.contract;

/**
 * A fault record, as far as all vendors tell the same.
 *
 * @param pasid or {@link org.iommusim.hw.dma.DmaRequest#NO_PASID}
 * @param address or -1 where the record has none
 */
public record FaultSeen(Kind kind, int function, int pasid, long address, boolean write) {
    /** What was wrong. */
    public enum Kind {
        /** Nothing is mapped there. */
        ABSENT,
        /** Something is mapped that may not be used so. */
        FORBIDDEN,
        /** The function's entry, or its having none, refuses it. */
        ENTRY,
        /** Something that no test asks for. */
        OTHER
    }
}
