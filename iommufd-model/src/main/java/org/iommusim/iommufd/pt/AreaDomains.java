package org.iommusim.iommufd.pt;

import java.util.List;
import org.iommusim.hw.driver.PagingDomain;
import org.iommusim.iommufd.mm.PageSource;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.program.Undo;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.LongCell;
import org.jspecify.annotations.Nullable;

/**
 * Puts one area into all domains of its address space, or into a new one, and takes it out (pages.c). Pages that nobody has
 * pinned yet are pinned first and accounted for last, so EFAULT comes before ENOMEM.
 *
 * <p>Callers hold {@code domains_rwsem}, so the set of domains stands still.
 */
final class AreaDomains extends Frame {
    private static final Footprint STATE =
            Footprint.of(IoptArea.AREA, IoptPages.PAGES, IoPagetable.DOMAINS, PageSource.REVOKED);
    private static final Footprint PIN = IoptPages.PIN.and(IoptArea.AREA);

    private static final Undo<AreaDomains> UNTRACK = Undo.onFailure("iopt_dmabuf_untrack", STATE, AreaDomains::untrack);

    private static final Program<AreaDomains> FILL_ALL = Program.<AreaDomains>named("iopt_area_fill_domains")
            .branch("no domains", STATE, f -> f.iopt.domains().isEmpty(), b -> b.succeed("nothing to fill"))
            .lock("pages->mutex", f -> f.pages.mutex())
            .step("count domains", HostCost.LOCAL, STATE, f -> f.total.set(f.domains()))
            .take("iopt_dmabuf_track_all_domains", STATE, AreaDomains::track, UNTRACK)
            .branch(
                    "not revoked",
                    STATE,
                    f -> !f.pages.revoked(),
                    b -> pin(b).guarded(
                                    "batch_to_domain",
                                    c -> c.loop(
                                                    "each domain",
                                                    f -> f.done.get() < f.total.get(),
                                                    d -> d.invoke("map", AreaDomains::map)
                                                            .step(
                                                                    "domain filled",
                                                                    HostCost.FREE,
                                                                    Footprint.LOCAL,
                                                                    f -> f.done.add(1)))
                                            .attempt("update_pinned", HostCost.ATOMIC, PIN, AreaDomains::account),
                                    c -> c.step(
                                                    "back to the first domain",
                                                    HostCost.FREE,
                                                    Footprint.LOCAL,
                                                    AreaDomains::turn)
                                            .loop(
                                                    "each filled domain",
                                                    f -> f.done.get() < f.total.get(),
                                                    d -> d.invoke("iopt_area_unmap_domain", AreaDomains::unmap)
                                                            .step(
                                                                    "domain emptied",
                                                                    HostCost.FREE,
                                                                    Footprint.LOCAL,
                                                                    f -> f.done.add(1)))
                                            .step("unpin_user_pages", PIN, AreaDomains::unpin)))
            .step(
                    "storage_domain = the first",
                    STATE,
                    f -> f.store(f.iopt.domains().get(0)))
            .build();

    private static final Program<AreaDomains> FILL_ONE = Program.<AreaDomains>named("iopt_area_fill_domain")
            .take("iopt_dmabuf_track_domain", STATE, AreaDomains::track, UNTRACK)
            .branch(
                    "not revoked",
                    STATE,
                    f -> !f.pages.revoked(),
                    b -> pin(b).guarded(
                                    "batch_to_domain",
                                    c -> c.invoke("map", AreaDomains::map)
                                            .step("mapped", HostCost.FREE, Footprint.LOCAL, f -> f.done.set(1))
                                            .attempt("update_pinned", HostCost.ATOMIC, PIN, AreaDomains::account),
                                    c -> c.when(
                                                    "it is mapped",
                                                    f -> f.done.get() != 0,
                                                    d -> d.invoke("iopt_area_unmap_domain", AreaDomains::unmap))
                                            .step("unpin_user_pages", PIN, AreaDomains::unpin)))
            .branch(
                    "no storage_domain",
                    STATE,
                    f -> f.area.storageDomain() == null,
                    b -> b.step("storage_domain = domain", STATE, f -> f.store(f.domain())))
            .build();

    private static final Program<AreaDomains> UNFILL_ALL = Program.<AreaDomains>named("iopt_area_unfill_domains")
            .lock("pages->mutex", f -> f.pages.mutex())
            .branch("no storage_domain", STATE, f -> f.area.storageDomain() == null, b -> b.succeed("not filled"))
            .step("count domains", HostCost.LOCAL, STATE, f -> f.total.set(f.domains()))
            .loop(
                    "each domain",
                    f -> f.done.get() < f.total.get(),
                    b -> b.branch(
                                    "not the storage_domain",
                                    STATE,
                                    f -> f.domain() != f.area.storageDomain() && !f.pages.revoked(),
                                    c -> c.invoke("iopt_area_unmap_domain", AreaDomains::unmap))
                            .step("domain emptied", HostCost.FREE, Footprint.LOCAL, f -> f.done.add(1)))
            .step("erase from domains_itree", STATE, f -> f.pages.domains().remove(f.area.node()))
            .branch(
                    "storage_domain still has it",
                    STATE,
                    f -> !f.pages.revoked(),
                    b -> b.invoke("unmap storage_domain", AreaDomains::unmapStorage))
            .step("unpin_user_pages", PIN, AreaDomains::unpin)
            .step("storage_domain = NULL", STATE, f -> f.area.storageDomain(null))
            .step("iopt_dmabuf_untrack_all_domains", STATE, AreaDomains::untrack)
            .build();

    private final IoPagetable iopt;
    private final IoptArea area;
    private final IoptPages pages;
    private final @Nullable PagingDomain only;
    private final IntCell total = count();
    private final IntCell done = count();
    private final LongCell pinned = num();

    private AreaDomains(IoPagetable iopt, IoptArea area, IoptPages pages, @Nullable PagingDomain only) {
        super(iopt.kernel().world());
        this.iopt = iopt;
        this.area = area;
        this.pages = pages;
        this.only = only;
    }

    /** A new area, whose {@code area->pages} is not set yet, into every domain. Errors: EFAULT, EINVAL, ENOMEM, of the driver. */
    static Call<?> fill(IoPagetable iopt, IoptArea area, IoptPages pages) {
        return new Call<>(FILL_ALL, new AreaDomains(iopt, area, pages, null));
    }

    /** An area into one more domain; the caller holds {@code pages->mutex}. Errors as {@link #fill}. */
    static Call<?> fillOne(IoPagetable iopt, IoptArea area, PagingDomain domain) {
        return new Call<>(FILL_ONE, new AreaDomains(iopt, area, area.requirePages(), domain));
    }

    /** An area out of every domain. */
    static Call<?> unfill(IoPagetable iopt, IoptArea area, IoptPages pages) {
        return new Call<>(UNFILL_ALL, new AreaDomains(iopt, area, pages, null));
    }

    /** Adds the pinning of what nobody has pinned yet. */
    private static Program.Builder<AreaDomains> pin(Program.Builder<AreaDomains> program) {
        return program.attempt("pin_user_pages", HostCost.ATOMIC, PIN, AreaDomains::pin)
                .spend(
                        "time to pin",
                        f -> f.pinned.get()
                                * f.iopt.kernel().simulation().costs().ps(HostCost.PIN_PAGE));
    }

    private int pin() {
        int injected =
                iopt.injected(only == null ? "iopt_area_fill_domains" : "iopt_area_fill_domain", "pin_user_pages");
        long before = pages.npinned();
        int error = injected != 0 ? injected : pages.fill(area.firstIndex(), area.lastIndex());
        pinned.set(pages.npinned() - before);
        return error;
    }

    private int account() {
        return pages.updatePinned();
    }

    private void unpin() {
        pages.unfill(area.firstIndex(), area.lastIndex());
    }

    private int domains() {
        return iopt.domains().size();
    }

    private PagingDomain domain() {
        return only != null ? only : iopt.domains().get(done.get());
    }

    private int track() {
        for (PagingDomain domain : only == null ? iopt.domains() : List.of(only)) {
            DmabufTrack.add(pages, area, domain);
        }
        return 0;
    }

    private void untrack() {
        for (PagingDomain domain : only == null ? iopt.domains() : List.of(only)) {
            DmabufTrack.remove(pages, area, domain);
        }
    }

    private Call<?> map() {
        return AreaMap.map(iopt, area, pages, domain());
    }

    private Call<?> unmap() {
        return AreaMap.unmap(iopt, area, pages, domain());
    }

    private @Nullable Call<?> unmapStorage() {
        PagingDomain storage = area.storageDomain();
        return storage == null ? null : AreaMap.unmap(iopt, area, pages, storage);
    }

    /** The domains that are filled already are to be emptied, in the same order. */
    private void turn() {
        total.set(done.get());
        done.set(0);
    }

    private void store(PagingDomain storage) {
        area.storageDomain(storage);
        pages.domains().insert(area.node());
    }
}
