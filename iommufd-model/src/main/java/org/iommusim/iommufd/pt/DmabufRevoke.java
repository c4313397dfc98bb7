package org.iommusim.iommufd.pt;

import org.iommusim.iommufd.mm.PageSource;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.world.IntCell;

/** {@code iopt_revoke_notify} of pages.c: an exporter takes its memory back. The areas stay, and stay empty. */
final class DmabufRevoke extends Frame {
    private static final Footprint TRACKER = Footprint.of(IoptPages.PAGES, IoptArea.AREA, PageSource.REVOKED);

    private static final Program<DmabufRevoke> REVOKE = Program.<DmabufRevoke>named("iopt_revoke_notify")
            .lock("pages->mutex", f -> f.pages.mutex())
            .branch("revoked before", TRACKER, f -> f.pages.revoked(), b -> b.succeed("nothing is mapped"))
            .step(
                    "count tracks",
                    HostCost.LOCAL,
                    TRACKER,
                    f -> f.total.set(f.pages.tracker().items().size()))
            .loop(
                    "each area in a domain",
                    f -> f.done.get() < f.total.get(),
                    b -> b.invoke("iopt_area_unmap_domain", DmabufRevoke::unmap)
                            .step("next", HostCost.FREE, Footprint.LOCAL, f -> f.done.add(1)))
            .step("phys.len = 0", TRACKER, f -> f.pages.source().setRevoked())
            .build();

    private final IoptPages pages;
    private final IntCell total = count();
    private final IntCell done = count();

    private DmabufRevoke(IoptPages pages) {
        super(pages.kernel().world());
        this.pages = pages;
    }

    /** Takes the pages out of every domain. */
    static Call<?> call(IoptPages pages) {
        return new Call<>(REVOKE, new DmabufRevoke(pages));
    }

    private Call<?> unmap() {
        DmabufTrack track = pages.tracker().items().get(done.get());
        return AreaMap.unmap(track.area().iopt(), track.area(), pages, track.domain());
    }
}
