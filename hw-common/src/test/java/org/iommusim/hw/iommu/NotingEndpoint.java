package org.iommusim.hw.iommu;

import java.util.List;

/** A function with a translation cache that only takes notes: it never answers by itself. */
public final class NotingEndpoint implements AtsEndpoint {
    private final int requesterId;
    private final int depth;
    private final List<String> notes;

    /**
     * Makes it.
     *
     * @param depth how many invalidation requests it takes at a time
     * @param notes where it writes what it is sent; it may be shared
     */
    public NotingEndpoint(int requesterId, int depth, List<String> notes) {
        this.requesterId = requesterId;
        this.depth = depth;
        this.notes = notes;
    }

    /** What is noted of an invalidation request: {@code invalidate TAG [pasid P] [global] ADDRESS/SHIFT}. */
    public static String invalidation(int tag, int pasid, boolean global, long address, int shift) {
        return "invalidate " + tag + pasid(pasid) + (global ? " global" : "") + " 0x" + Long.toHexString(address) + "/"
                + shift;
    }

    /** What is noted of a page request group response: {@code respond GROUP [pasid P] RESPONSE}. */
    public static String response(int group, int pasid, PageResponse response) {
        return "respond " + group + pasid(pasid) + " " + response;
    }

    private static String pasid(int pasid) {
        return pasid < 0 ? "" : " pasid " + pasid;
    }

    @Override
    public int requesterId() {
        return requesterId;
    }

    @Override
    public int invalidateQueueDepth() {
        return depth;
    }

    @Override
    public void invalidate(int tag, int pasid, boolean global, long address, int shift) {
        notes.add(invalidation(tag, pasid, global, address, shift));
    }

    @Override
    public void respond(int group, int pasid, PageResponse response) {
        notes.add(response(group, pasid, response));
    }
}
