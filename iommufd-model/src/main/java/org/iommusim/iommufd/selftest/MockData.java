package org.iommusim.iommufd.selftest;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.iommusim.hw.driver.UserData;
import org.iommusim.hw.driver.UserMemory;
import org.iommusim.sim.program.Footprint;

/** The data types of the mock (iommufd_test.h) and how their words lie in bytes. */
final class MockData {
    /** {@code IOMMU_HWPT_DATA_SELFTEST}. */
    static final int HWPT = 0xdead;
    /** {@code IOMMU_HWPT_INVALIDATE_DATA_SELFTEST}, {@code IOMMU_VIOMMU_INVALIDATE_DATA_SELFTEST}. */
    static final int INVALIDATE = 0xdeadbeef;
    /** {@code IOMMU_TEST_INVALIDATE_FLAG_ALL}. */
    static final int INVALIDATE_ALL = 1;
    /** {@code IOMMU_VIOMMU_TYPE_SELFTEST}. */
    static final int VIOMMU = 0xdeadbeef;
    /** {@code IOMMU_VEVENTQ_TYPE_SELFTEST}. */
    static final int VEVENTQ = 0xbeefbeef;
    /** {@code IOMMU_HW_QUEUE_TYPE_SELFTEST}. */
    static final int HW_QUEUE = 0xdeadbeef;
    /** {@code IOMMU_HW_INFO_TYPE_SELFTEST}. */
    static final int HW_INFO = 0xfeedbeef;
    /** {@code IOMMU_HW_INFO_SELFTEST_REGVAL}. */
    static final int HW_INFO_REGVAL = 0xdeadbeef;

    /** What a copy from or to user memory touches. */
    static final Footprint USER = UserMemory.ACCESS;

    private static final int HWPT_BYTES = 8;
    private static final int HWPT_MIN_BYTES = 4;

    private MockData() {}

    /** A little endian word. */
    static int u32(byte[] bytes, int offset) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getInt(offset);
    }

    /** Writes a little endian word. */
    static void u32(byte[] bytes, int offset, int value) {
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putInt(offset, value);
    }

    /** Writes two little endian words. */
    static void u64(byte[] bytes, int offset, long value) {
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(offset, value);
    }

    /** Memory for {@code struct iommu_hwpt_selftest}: iotlb, pagetable_type. */
    static byte[] hwpt() {
        return new byte[HWPT_BYTES];
    }

    /** Copies {@code struct iommu_hwpt_selftest}. Errors: EINVAL, EFAULT. */
    static int copyHwpt(UserData data, byte[] to) {
        return data.copyStruct(to, HWPT, HWPT_MIN_BYTES);
    }
}
