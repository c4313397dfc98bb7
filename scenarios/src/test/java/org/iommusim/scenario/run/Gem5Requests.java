package org.iommusim.scenario.run;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Makes requests as the recorded ones were made: numbers of splitmix64, each taken modulo what is asked for. */
final class Gem5Requests {
    private static final int RECORD = 24;

    private final Gem5Image image;
    private final int count;
    private long state;
    private int bytes = 64;
    private int writePercent;
    private boolean linear;

    /** Uniform reads of 64 bytes over an image's pages and streams. */
    Gem5Requests(Gem5Image image, int count, long seed) {
        this.image = image;
        this.count = count;
        state = seed;
    }

    Gem5Requests bytes(int size) {
        bytes = size;
        return this;
    }

    Gem5Requests writes(int percent) {
        writePercent = percent;
        return this;
    }

    /** One behind the other, and from the beginning again. */
    Gem5Requests linear() {
        linear = true;
        return this;
    }

    /** The records. */
    byte[] records() {
        ByteBuffer records = ByteBuffer.allocate(RECORD * count).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < count; i++) {
            long offset = linear
                    ? (long) i * bytes % (image.pages * image.pageBytes())
                    : below(image.pages) * image.pageBytes() + below(image.pageBytes() / bytes) * bytes;
            records.putInt((int) (image.streams > 1 ? below(image.streams) : 0));
            records.putInt((int) (image.substreams > 0 ? below(image.substreams) : 0));
            records.putLong(Gem5Image.VA + offset);
            boolean write = writePercent > 0 && below(100) < writePercent;
            records.putInt(bytes | (write ? 1 << 31 : 0)).putInt(0);
        }
        return records.array();
    }

    private long below(long bound) {
        state += 0x9E3779B97F4A7C15L;
        long z = (state ^ state >>> 30) * 0xBF58476D1CE4E5B9L;
        z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
        return Long.remainderUnsigned(z ^ z >>> 31, bound);
    }
}
