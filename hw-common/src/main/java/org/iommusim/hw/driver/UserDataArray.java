package org.iommusim.hw.driver;

/**
 * An array of requests in user memory ({@code struct iommu_user_data_array}).
 *
 * @param type the uAPI's type number ({@code IOMMU_HWPT_INVALIDATE_DATA_*}, {@code IOMMU_VIOMMU_INVALIDATE_DATA_*})
 * @param memory whose memory it lies in
 * @param address {@code uptr}
 * @param entryLength {@code entry_len}: bytes from one entry to the next, up to 4096
 * @param entryNum {@code entry_num}, up to 2^19
 */
public record UserDataArray(int type, UserMemory memory, long address, int entryLength, int entryNum) {
    /**
     * {@code iommu_copy_struct_from_user_array}: one entry.
     *
     * @param to the driver's structure
     * @param dataType what it must be
     * @param index which, below {@link #entryNum}
     * @param minLength bytes that each entry must have
     * @return 0; EINVAL for another type, or entries that are too short or longer than the structure; EFAULT
     */
    public int copyEntry(byte[] to, int dataType, int index, int minLength) {
        long entry = address + (long) entryLength * index;
        return new UserData(type, memory, entry, entryLength).copyStruct(to, dataType, minLength);
    }

    /**
     * {@code iommu_copy_struct_from_full_user_array}: all entries, behind each other. Shorter ones are filled with zeroes.
     *
     * @param to {@link #entryNum} structures of the driver
     * @param dataType what they must be
     * @param structBytes size of the driver's structure
     * @return 0; EINVAL for another type; E2BIG, EFAULT
     */
    public int copyAll(byte[] to, int dataType, int structBytes) {
        if (type != dataType) {
            return Errno.EINVAL;
        }
        if (entryLength == structBytes) {
            return memory.copyFromUser(address, to, 0, structBytes * entryNum);
        }
        byte[] entry = new byte[structBytes];
        for (int i = 0; i < entryNum; i++) {
            int error = memory.copyStructFromUser(address + (long) entryLength * i, entry, entryLength);
            if (error != 0) {
                return error;
            }
            System.arraycopy(entry, 0, to, i * structBytes, structBytes);
        }
        return 0;
    }
}
