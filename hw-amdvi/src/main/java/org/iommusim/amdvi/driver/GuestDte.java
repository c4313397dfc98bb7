package org.iommusim.amdvi.driver;

import org.iommusim.amdvi.spec.Dte;
import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.driver.UserData;

/**
 * {@code struct iommu_hwpt_amd_guest}: a guest's device table entry, as the guest has written it.
 *
 * @param word0 its first word, and so on
 */
record GuestDte(long word0, long word1, long word2, long word3) {
    /** IOMMU_HWPT_DATA_AMD_GUEST. */
    static final int TYPE = 3;
    /** Bytes of the structure. */
    static final int BYTES = Dte.BYTES;

    private static final long HOST0 = Dte.MODE.mask() | Dte.HOST_PT_ROOT.mask();
    /** What a guest may say: page requests, and where its tables are. */
    private static final long TAKEN0 =
            Dte.PPR.mask() | Dte.GV.mask() | Dte.GLX.mask() | Dte.GIOV.mask() | Dte.GCR3_14_12.mask();

    private static final long TAKEN1 = Dte.GCR3_30_15.mask() | Dte.GCR3_51_31.mask();

    /** The structure in the bytes that user space passed. */
    static GuestDte of(byte[] bytes) {
        return new GuestDte(
                UserData.word(bytes, 0), UserData.word(bytes, 8), UserData.word(bytes, 16), UserData.word(bytes, 24));
    }

    /** As user space passes it. */
    UserData toUserData() {
        return UserData.ofWords(TYPE, word0, word1, word2, word3);
    }

    /**
     * {@code validate_gdte_nested}.
     *
     * @return 0; EINVAL (host tables, reserved values, no GCR3 table), EOPNOTSUPP (levels that the unit does not have)
     */
    int validate(int guestLevels) {
        boolean translates = Dte.V.isSet(word0) && Dte.GV.isSet(word0);
        int mode = Dte.GUEST_PAGING_MODE.getInt(word2);
        if ((word0 & HOST0) != 0
                || translates && Dte.gcr3(word0, word1) == 0
                || mode > Dte.GUEST_5_LEVEL
                || Dte.GLX.getInt(word0) == Dte.GLX_RESERVED) {
            return Errno.EINVAL;
        }
        return mode + 4 > guestLevels ? Errno.EOPNOTSUPP : 0;
    }

    /** The domain id that the guest has given it. */
    int domainId() {
        return Dte.DOMAIN_ID.getInt(word1);
    }

    /** Adds what the guest says to an entry with host tables. */
    void addTo(long[] words) {
        words[0] |= word0 & TAKEN0 | Dte.GV.mask();
        words[1] |= word1 & TAKEN1;
        words[2] |= word2 & Dte.GUEST_PAGING_MODE.mask();
    }
}
