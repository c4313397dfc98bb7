package org.iommusim.iommufd.pt;

import org.iommusim.hw.driver.PagingDomain;
import org.iommusim.iommufd.mm.PinnedPages;
import org.iommusim.iommufd.mm.Process;
import org.iommusim.sim.memory.PhysicalMemory;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.program.Undo;
import org.iommusim.sim.world.IntCell;

/** Puts one area into one domain, and takes it out ({@code iopt_area_fill_domain}, {@code iopt_area_unfill_domain}). */
final class AreaFill extends Frame {
    private static final Footprint PAGES = Footprint.of(IoptArea.PAGES);
    private static final Footprint PIN = Process.MM.and(IoptArea.PAGES);

    private static final Program<AreaFill> FILL = Program.<AreaFill>named("iopt_area_fill_domain")
            .lock("pages->mutex", f -> f.area.mutex())
            .branch(
                    "not pinned yet",
                    PAGES,
                    f -> !f.area.isPinned(),
                    b -> b.spend("time to pin", AreaFill::pinTime)
                            .take("pin_user_pages", PIN, AreaFill::pin, Undo.onFailure("unpin", PIN, AreaFill::unpin)))
            .guarded(
                    "map",
                    b -> b.loop(
                            "each contiguous run",
                            f -> f.index.get() < f.area.pageCount(),
                            c -> c.step("next run", HostCost.LOCAL, PAGES, AreaFill::nextRun)
                                    .invoke("map_pages", AreaFill::mapRun)
                                    .step("run mapped", HostCost.FREE, Footprint.LOCAL, f -> f.index.add(f.run.get()))),
                    b -> b.when(
                            "part of it is mapped",
                            f -> f.index.get() > 0,
                            c -> c.invoke("unmap_pages", f -> f.domain.unmapPages(f.area.iova(), bytes(f.index.get())))
                                    .invoke("iotlb_sync", f -> f.domain.iotlbSync())))
            .build();

    private static final Program<AreaFill> UNFILL = Program.<AreaFill>named("iopt_area_unfill_domain")
            .lock("pages->mutex", f -> f.area.mutex())
            .invoke("unmap_pages", f -> f.domain.unmapPages(f.area.iova(), f.area.length()))
            // Devices may still use what their IOMMU has cached: nobody may give the pages back before this is through.
            .invoke("iotlb_sync", f -> f.domain.iotlbSync())
            .build();

    private static final Program<AreaFill> UNPIN = Program.<AreaFill>named("iopt_area_unpin")
            .lock("pages->mutex", f -> f.area.mutex())
            .branch("pinned", PAGES, f -> f.area.isPinned(), b -> b.step("unpin_user_pages", PIN, AreaFill::unpin))
            .build();

    private final Ioas ioas;
    private final IoptArea area;
    private final PagingDomain domain;
    private final IntCell index = count();
    private final IntCell run = count();

    private AreaFill(Ioas ioas, IoptArea area, PagingDomain domain) {
        super(ioas.ctx().kernel().world());
        this.ioas = ioas;
        this.area = area;
        this.domain = domain;
    }

    /** Maps an area's pages in a domain; pins them if no other domain has them yet. Errors: EFAULT, ENOMEM, EEXIST. */
    static Call<?> fill(Ioas ioas, IoptArea area, PagingDomain domain) {
        return new Call<>(FILL, new AreaFill(ioas, area, domain));
    }

    /** Unmaps an area in a domain and waits until hardware has forgotten it. */
    static Call<?> unfill(Ioas ioas, IoptArea area, PagingDomain domain) {
        return new Call<>(UNFILL, new AreaFill(ioas, area, domain));
    }

    /** Gives the pins of an area back, if it has any: when no domain has it any more. */
    static Call<?> unpin(Ioas ioas, IoptArea area, PagingDomain any) {
        return new Call<>(UNPIN, new AreaFill(ioas, area, any));
    }

    private long pinTime() {
        return area.pageCount() * ioas.ctx().kernel().simulation().costs().ps(HostCost.PIN_PAGE);
    }

    private int pin() {
        int injected = ioas.ctx().kernel().faults().errno("iopt_area_fill_domain", "pin_user_pages");
        return injected != 0
                ? injected
                : area.process().pin(area.va() & -PhysicalMemory.PAGE_BYTES, area.pageCount(), area.pinned()::set);
    }

    private void unpin() {
        PinnedPages pages = area.pinned().require();
        area.pinned().set(null);
        pages.process().unpin(pages);
    }

    private void nextRun() {
        run.set(area.pinned().require().contiguousFrom(index.get()));
    }

    private Call<?> mapRun() {
        long physical = area.pinned().require().frame(index.get());
        return domain.mapPages(area.iova() + bytes(index.get()), physical, bytes(run.get()), area.protection());
    }

    private static long bytes(int pages) {
        return (long) pages * PhysicalMemory.PAGE_BYTES;
    }
}
