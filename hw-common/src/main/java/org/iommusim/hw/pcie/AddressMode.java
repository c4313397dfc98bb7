package org.iommusim.hw.pcie;

/** How a function gets at its memory. */
public enum AddressMode {
    /** The IOMMU translates each request. */
    UNTRANSLATED,
    /** The function asks for translations, keeps them, and sends translated requests. */
    ATS,
    /** As ATS, and it asks for pages that are not there. */
    ATS_PRI
}
