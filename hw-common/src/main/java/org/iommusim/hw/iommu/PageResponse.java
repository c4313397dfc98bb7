package org.iommusim.hw.iommu;

/** Code of a page request group response. */
public enum PageResponse {
    /** All pages of the group are there now: the function asks for the translation again. */
    SUCCESS(0),
    /** Some page does not exist or may not be accessed so. */
    INVALID_REQUEST(1),
    /** A lasting error: the function stops its page requests. */
    RESPONSE_FAILURE(0xf);

    private final int code;

    PageResponse(int code) {
        this.code = code;
    }

    /** The code on the wire. */
    public int code() {
        return code;
    }
}
