package org.iommusim.scenario.conform.iommufd;

/** A region that is written anew for each operation, and zero but for that. */
final class UserArea {
    private final SystemCalls calls;
    private final Region region;
    private int touched;

    UserArea(SystemCalls calls, Region region) {
        this.calls = calls;
        this.region = region;
    }

    /** First address. */
    long base() {
        return region.base();
    }

    /** Zeroes all that may have been written since the last time. */
    void clear() {
        if (touched > 0) {
            calls.store(region.base(), new byte[touched]);
            touched = 0;
        }
    }

    /** Writes bytes to its start. */
    void put(byte[] bytes) {
        if (bytes.length > 0) {
            calls.store(region.base(), bytes);
            mayHaveWritten(bytes.length);
        }
    }

    /** The kernel may have written up to here, and even behind the end. */
    void mayHaveWritten(long bytes) {
        long inside = Long.compareUnsigned(bytes, region.bytes()) < 0 ? bytes : region.bytes();
        touched = (int) Math.max(touched, inside);
    }

    /** Bytes from its start, as many as there are. */
    byte[] get(long bytes) {
        return calls.load(region.base(), (int) Math.min(bytes, region.bytes()));
    }
}
