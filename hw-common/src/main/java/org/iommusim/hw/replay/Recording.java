package org.iommusim.hw.replay;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Recorded requests. A record is 24 bytes, little endian: StreamID (32 bits), SubstreamID (32 bits, 0: none), address (64
 * bits), size in bytes with bit 31 set for a write (32 bits), and how many cycles to wait after the request before it
 * besides the one that each takes (32 bits).
 */
public final class Recording {
    /** Bytes of a record. */
    public static final int RECORD_BYTES = 24;

    /** The largest request. */
    public static final int SIZE_MAX = 4096;

    private static final int SSID = 4;
    private static final int ADDRESS = 8;
    private static final int SIZE = 16;
    private static final int GAP = 20;

    private final ByteBuffer records;
    private final int count;

    /**
     * Takes records.
     *
     * @throws IllegalArgumentException if they are no whole number of records, or if a request is empty, larger than
     *     {@link #SIZE_MAX} or crosses a 4 KiB boundary; the message says which and how
     */
    public Recording(byte[] bytes) {
        if (bytes.length == 0 || bytes.length % RECORD_BYTES != 0) {
            throw new IllegalArgumentException(
                    bytes.length + " bytes, which is no whole number of records of " + RECORD_BYTES + " bytes");
        }
        records = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        count = bytes.length / RECORD_BYTES;
        for (int i = 0; i < count; i++) {
            int size = bytes(i);
            if (size < 1 || size > SIZE_MAX) {
                throw new IllegalArgumentException("record " + i + " with " + size + " bytes of data");
            }
            if ((address(i) & 0xfff) + size > SIZE_MAX) {
                throw new IllegalArgumentException("record " + i + " that crosses a 4 KiB boundary");
            }
        }
    }

    /** How many requests there are. */
    public int count() {
        return count;
    }

    /** StreamID of a request. */
    public int stream(int index) {
        return records.getInt(index * RECORD_BYTES);
    }

    /** SubstreamID of a request; 0: none. */
    public int substream(int index) {
        return records.getInt(index * RECORD_BYTES + SSID);
    }

    /** First byte of a request, as the device addresses it. */
    public long address(int index) {
        return records.getLong(index * RECORD_BYTES + ADDRESS);
    }

    /** Length of a request. */
    public int bytes(int index) {
        return records.getInt(index * RECORD_BYTES + SIZE) & Integer.MAX_VALUE;
    }

    /** True for a write. */
    public boolean write(int index) {
        return records.getInt(index * RECORD_BYTES + SIZE) < 0;
    }

    /** Additional cycles between the request before it and this one. */
    public long gap(int index) {
        return records.getInt(index * RECORD_BYTES + GAP) & 0xffff_ffffL;
    }
}
