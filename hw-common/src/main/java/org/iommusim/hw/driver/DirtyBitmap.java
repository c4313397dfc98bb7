package org.iommusim.hw.driver;

/** Takes what was written to ({@code iommu_dirty_bitmap_record}). */
public interface DirtyBitmap {
    /** Devices may have written anywhere in this range; it may reach beyond the range that was asked for. */
    void record(long iova, long bytes);
}
