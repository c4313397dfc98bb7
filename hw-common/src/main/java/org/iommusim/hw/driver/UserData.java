package org.iommusim.hw.driver;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Driver-specific data that user space hands to an ioctl, already copied into the kernel.
 *
 * @param type the uAPI's type number ({@code IOMMU_HWPT_DATA_*}, {@code IOMMU_VIOMMU_INVALIDATE_DATA_*}, ...)
 * @param bytes the structure, or several behind each other; little endian
 */
public record UserData(int type, byte[] bytes) {
    /** No data. */
    public static final UserData NONE = new UserData(0, new byte[0]);

    /** Data made of 64-bit words. */
    public static UserData ofWords(int type, long... words) {
        ByteBuffer buffer = ByteBuffer.allocate(8 * words.length).order(ByteOrder.LITTLE_ENDIAN);
        for (long word : words) {
            buffer.putLong(word);
        }
        return new UserData(type, buffer.array());
    }

    /** Length in bytes. */
    public int length() {
        return bytes.length;
    }

    /** The 64-bit word at a byte offset. */
    public long word(int offset) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong(offset);
    }
}
