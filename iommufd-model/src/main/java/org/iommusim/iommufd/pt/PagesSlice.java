package org.iommusim.iommufd.pt;

import org.iommusim.sim.program.Frame;
import org.iommusim.sim.world.Identified;
import org.iommusim.sim.world.RefCell;
import org.iommusim.sim.world.World;

/**
 * A slice of pages to be mapped ({@code struct iopt_pages_list}). It holds a reference on the pages until an area takes it
 * over.
 */
final class PagesSlice implements Identified {
    private final IoptPages pages;
    private final long startByte;
    private final long length;
    private final RefCell<IoptArea> area;
    private final RefCell<IoptPages> held;
    private final long id;

    PagesSlice(World world, IoptPages pages, long startByte, long length) {
        this.pages = pages;
        this.startByte = startByte;
        this.length = length;
        id = world.nextInstance();
        area = new RefCell<>(world, Frame.FRAME, id);
        held = new RefCell<>(world, Frame.FRAME, id + (1L << 40), pages);
    }

    IoptPages pages() {
        return pages;
    }

    long startByte() {
        return startByte;
    }

    long length() {
        return length;
    }

    /** {@code elm->area}: inserted without pages; null before and after. */
    RefCell<IoptArea> area() {
        return area;
    }

    /** {@code elm->pages}: null once an area has the reference. */
    RefCell<IoptPages> held() {
        return held;
    }

    @Override
    public long stableId() {
        return id;
    }
}
