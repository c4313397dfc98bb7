package org.iommusim.iommufd.pt;

import org.iommusim.hw.driver.PagingDomain;
import org.iommusim.sim.memory.PhysicalMemory;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.world.LongCell;

/**
 * Writes one area's pinned pages into one domain ({@code batch_to_domain}), and takes them out ({@code iommu_unmap}). Under
 * {@code pages->mutex}. Pages that follow each other in memory are mapped by one call, unless large pages are disabled.
 */
final class AreaMap extends Frame {
    private static final Footprint RUN = Footprint.of(IoptPages.PAGES, IoptArea.AREA, IoPagetable.ALIGNMENT);
    private static final long PAGE = PhysicalMemory.PAGE_BYTES;

    private static final Program<AreaMap> MAP = Program.<AreaMap>named("batch_to_domain")
            .guarded(
                    "map",
                    b -> b.loop(
                            "each contiguous run",
                            f -> f.done.get() < f.area.length(),
                            c -> c.step("next run", HostCost.LOCAL, RUN, AreaMap::nextRun)
                                    .invoke("map_pages", AreaMap::mapRun)
                                    .step("run mapped", HostCost.FREE, Footprint.LOCAL, f -> f.done.add(f.run.get()))),
                    b -> b.when(
                            "part of it is mapped",
                            f -> f.done.get() > 0,
                            c -> c.invoke("unmap_pages", f -> f.domain.unmapPages(f.area.first(), f.done.get()))
                                    .invoke("iotlb_sync", f -> f.domain.iotlbSync())))
            .build();

    private static final Program<AreaMap> UNMAP = Program.<AreaMap>named("iommu_unmap_nofail")
            .invoke("unmap_pages", f -> f.domain.unmapPages(f.area.first(), f.area.length()))
            // Devices may still use what their IOMMU has cached: nobody may give the pages back before this is through.
            .invoke("iotlb_sync", f -> f.domain.iotlbSync())
            .build();

    private final IoPagetable iopt;
    private final IoptArea area;
    private final IoptPages pages;
    private final PagingDomain domain;
    private final LongCell done = num();
    private final LongCell run = num();

    private AreaMap(IoPagetable iopt, IoptArea area, IoptPages pages, PagingDomain domain) {
        super(iopt.kernel().world());
        this.iopt = iopt;
        this.area = area;
        this.pages = pages;
        this.domain = domain;
    }

    /** Maps the area's pages, which are pinned. Errors: those of map_pages; then nothing is mapped. */
    static Call<?> map(IoPagetable iopt, IoptArea area, IoptPages pages, PagingDomain domain) {
        return new Call<>(MAP, new AreaMap(iopt, area, pages, domain));
    }

    /** Unmaps the area and waits until hardware has forgotten it. */
    static Call<?> unmap(IoPagetable iopt, IoptArea area, IoptPages pages, PagingDomain domain) {
        return new Call<>(UNMAP, new AreaMap(iopt, area, pages, domain));
    }

    private long cursor() {
        return area.first() + done.get();
    }

    private void nextRun() {
        long index = area.index(cursor());
        long n = iopt.largePagesDisabled() ? 1 : pages.contiguous(index, area.lastIndex());
        long end = index + n > area.lastIndex() ? area.last() + 1 : area.iovaOf(index + n);
        run.set(end - cursor());
    }

    private Call<?> mapRun() {
        long offset = area.startByte(cursor()) & PAGE - 1;
        long physical = pages.frame(area.index(cursor())) + offset;
        return domain.mapPages(cursor(), physical, run.get(), area.protection());
    }
}
