package org.iommusim.iommufd.file;

import org.iommusim.iommufd.mm.PageSource;
import org.iommusim.sim.world.RefCell;

/** A file that says itself which pages a map of it has: a dma-buf. */
public interface PageSupplier {
    /**
     * {@code dma_buf_dynamic_attach}, {@code dma_buf_pin}: the pages from an offset on.
     *
     * @param start offset of the first page, page aligned
     * @param end behind the last byte that is wanted
     * @param source gets the pages, which hold what they need until they are released
     * @return 0; EINVAL (beyond the end), ENODEV (revoked)
     */
    int pages(long start, long end, RefCell<PageSource> source);
}
