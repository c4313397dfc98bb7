package org.iommusim.vtd.driver;

import org.iommusim.hw.driver.UserData;
import org.iommusim.vtd.spec.Cap;

/**
 * {@code struct iommu_hwpt_vtd_s1}: a guest's first stage as user space describes it.
 *
 * @param flags bits {@link #SRE}, {@link #EAFE}, {@link #WPE}
 * @param pageTable guest physical address of the first table
 * @param addressWidth 48 or 57
 */
record VtdS1(long flags, long pageTable, int addressWidth) {
    /** IOMMU_HWPT_DATA_VTD_S1. */
    static final int TYPE = 1;
    /** Bytes of the structure. */
    static final int BYTES = 24;
    /** IOMMU_VTD_S1_SRE: supervisor requests are allowed. */
    static final long SRE = 1;
    /** IOMMU_VTD_S1_EAFE: the extended accessed flag is kept. */
    static final long EAFE = 1 << 1;
    /** IOMMU_VTD_S1_WPE: write protection holds for supervisors too. */
    static final long WPE = 1 << 2;

    private static final int WIDTH_4_LEVELS = 48;
    private static final int WIDTH_5_LEVELS = 57;

    /** The structure in the bytes that user space passed. */
    static VtdS1 of(byte[] bytes) {
        return new VtdS1(UserData.word(bytes, 0), UserData.word(bytes, 8), (int) UserData.word(bytes, 16));
    }

    /** As user space passes it. */
    UserData toUserData() {
        return UserData.ofWords(TYPE, flags, pageTable, addressWidth & 0xffff_ffffL);
    }

    boolean has(long flag) {
        return (flags & flag) != 0;
    }

    int levels() {
        return addressWidth == WIDTH_5_LEVELS ? 5 : 4;
    }

    /** Whether a unit can do it; the kernel finds out when a device is attached. */
    boolean possible(Cap cap) {
        boolean width = addressWidth == WIDTH_4_LEVELS || addressWidth == WIDTH_5_LEVELS && cap.fs5lp();
        return width && (!has(SRE) || cap.srs()) && (!has(EAFE) || cap.eafs());
    }
}
