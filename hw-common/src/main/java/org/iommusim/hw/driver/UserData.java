package org.iommusim.hw.driver;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Driver-specific data that user space hands to an ioctl ({@code struct iommu_user_data}): where it is and what it claims to
 * be. The driver copies it, and finds out only then what is wrong with it.
 *
 * @param type the uAPI's type number ({@code IOMMU_HWPT_DATA_*}, {@code IOMMU_VIOMMU_TYPE_*}, ...)
 * @param memory whose memory it lies in
 * @param address {@code uptr}
 * @param length {@code len}, bytes
 */
public record UserData(int type, UserMemory memory, long address, int length) {
    /** No data. */
    public static final UserData NONE = ofBytes(0, new byte[0]);

    /** Data made of bytes, in nobody's memory. */
    public static UserData ofBytes(int type, byte[] bytes) {
        return new UserData(type, new UserBytes(bytes), UserBytes.BASE, bytes.length);
    }

    /** Data made of 64-bit words, in nobody's memory. */
    public static UserData ofWords(int type, long... words) {
        return ofBytes(type, bytes(words));
    }

    /** 64-bit words as bytes, little endian. */
    public static byte[] bytes(long... words) {
        ByteBuffer buffer = ByteBuffer.allocate(8 * words.length).order(ByteOrder.LITTLE_ENDIAN);
        for (long word : words) {
            buffer.putLong(word);
        }
        return buffer.array();
    }

    /** The 64-bit word at a byte offset of a structure that was copied. */
    public static long word(byte[] structure, int offset) {
        return ByteBuffer.wrap(structure).order(ByteOrder.LITTLE_ENDIAN).getLong(offset);
    }

    /** The same data as an array of entries; a rest that is no whole entry is left out. */
    public UserDataArray array(int entryLength) {
        return new UserDataArray(type, memory, address, entryLength, entryLength == 0 ? 0 : length / entryLength);
    }

    /**
     * {@code iommu_copy_struct_from_user}: user space may know an older version of the structure, but not a newer one.
     *
     * @param to the driver's structure; what user space does not have becomes zero
     * @param dataType what it must be
     * @param minLength bytes that user space must have: the end of the structure's first version
     * @return 0; EINVAL for another type, too few or too many bytes; EFAULT
     */
    public int copyStruct(byte[] to, int dataType, int minLength) {
        return fits(to.length, dataType, minLength) ? memory.copyStructFromUser(address, to, length) : Errno.EINVAL;
    }

    /**
     * {@code iommu_copy_struct_to_user}: writes as much of the driver's structure back as user space has of it.
     *
     * @param minLength bytes that user space must have
     * @return 0; EINVAL for another type, too few or too many bytes; EFAULT
     */
    public int copyStructBack(byte[] from, int dataType, int minLength) {
        return fits(from.length, dataType, minLength) ? memory.copyToUser(address, from, 0, length) : Errno.EINVAL;
    }

    private boolean fits(int structBytes, int dataType, int minLength) {
        return type == dataType && length >= minLength && length <= structBytes;
    }
}
