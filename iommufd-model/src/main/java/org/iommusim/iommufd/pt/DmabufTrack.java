package org.iommusim.iommufd.pt;

import org.iommusim.hw.driver.PagingDomain;
import org.iommusim.iommufd.mm.PageSource;
import org.iommusim.sim.world.Identified;

/**
 * An area of a dma-buf in a domain ({@code struct iopt_pages_dmabuf_track}). Under {@code pages->mutex}.
 *
 * @param area the area
 * @param domain a domain that it is in
 */
record DmabufTrack(IoptArea area, PagingDomain domain) implements Identified {
    /** {@code iopt_dmabuf_track_domain}; only dma-bufs are tracked. */
    static void add(IoptPages pages, IoptArea area, PagingDomain domain) {
        if (pages.source().kind() == PageSource.Kind.DMABUF) {
            pages.tracker().add(new DmabufTrack(area, domain));
        }
    }

    /** {@code iopt_dmabuf_untrack_domain}. */
    static void remove(IoptPages pages, IoptArea area, PagingDomain domain) {
        if (pages.source().kind() == PageSource.Kind.DMABUF) {
            pages.tracker().remove(new DmabufTrack(area, domain));
        }
    }

    @Override
    public long stableId() {
        return area.stableId() * 31 + domain.stableId();
    }
}
