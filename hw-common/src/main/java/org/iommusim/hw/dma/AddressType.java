package org.iommusim.hw.dma;

/** What a request's address is: the AT field of a PCIe memory request. */
public enum AddressType {
    /** A device address that the IOMMU translates on the way (AT=00). */
    UNTRANSLATED,
    /** Asks for the translation of a device address, and moves no data (AT=01). */
    TRANSLATION_REQUEST,
    /** An address out of an earlier translation completion (AT=10). */
    TRANSLATED
}
