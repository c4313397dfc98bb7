package org.iommusim.iommufd.pt;

import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.driver.PagingDomain;
import org.iommusim.iommufd.mm.PageSource;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Lock;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.program.Undo;
import org.iommusim.sim.world.RefCell;
import org.jspecify.annotations.Nullable;

/** {@code iopt_table_add_domain} and {@code iopt_table_remove_domain} of io_pagetable.c. */
final class IoptDomain extends Frame {
    private static final Footprint TABLE =
            IoPagetable.LOOK.and(IoPagetable.DOMAINS, IoPagetable.ALIGNMENT, PageSource.REVOKED);
    private static final Footprint PIN = IoptPages.PIN.and(IoptArea.AREA, PageSource.REVOKED);

    /** Takes areas out of the domain that is not in the set of domains: all, or those before {@code end}. */
    private static final Program<IoptDomain> UNFILL = Program.<IoptDomain>named("iopt_unfill_domain")
            .step("first area", HostCost.LOCAL, TABLE, f -> f.area.set(f.next(null)))
            .loop(
                    "each area",
                    f -> f.area.get() != null && f.area.get() != f.end.get(),
                    b -> b.lock("pages->mutex", f -> f.pagesMutex())
                            .step("give up storage_domain", TABLE, IoptDomain::giveUpStorage)
                            .branch(
                                    "not revoked",
                                    TABLE,
                                    f -> !f.pages().revoked(),
                                    c -> c.invoke(
                                            "iopt_area_unmap_domain",
                                            f -> AreaMap.unmap(f.iopt, f.area.require(), f.pages(), f.domain)))
                            .step("unpin_user_pages", PIN, IoptDomain::unpin)
                            .undoNow("pages->mutex")
                            .step("next area", HostCost.LOCAL, TABLE, f -> f.area.set(f.next(f.area.require()))))
            .build();

    private static final Program<IoptDomain> FILL = Program.<IoptDomain>named("iopt_fill_domain")
            .step("first area", HostCost.LOCAL, TABLE, f -> f.area.set(f.next(null)))
            .guarded(
                    "fill",
                    b -> b.loop(
                            "each area",
                            f -> f.area.get() != null,
                            c -> c.lock("pages->mutex", f -> f.pagesMutex())
                                    .invoke(
                                            "iopt_area_fill_domain",
                                            f -> AreaDomains.fillOne(f.iopt, f.area.require(), f.domain))
                                    .undoNow("pages->mutex")
                                    .step(
                                            "next area",
                                            HostCost.LOCAL,
                                            TABLE,
                                            f -> f.area.set(f.next(f.area.require())))),
                    b -> b.undoNow("pages->mutex")
                            .step(
                                    "up to the area that failed",
                                    HostCost.FREE,
                                    Footprint.LOCAL,
                                    f -> f.end.set(f.area.require()))
                            .invoke("iopt_unfill_domain", f -> new Call<>(UNFILL, f)))
            .build();

    private static final Program<IoptDomain> ADD = Program.<IoptDomain>named("iopt_table_add_domain")
            .lock("domains_rwsem", f -> f.iopt.domainsRwsem())
            .lock("iova_rwsem", f -> f.iopt.iovaRwsem())
            .attempt("alignment", HostCost.LOCAL, TABLE, f -> f.iopt.checkAlignmentWith(f.domain))
            .take(
                    "reserve outside of the aperture",
                    HostCost.ALLOCATE,
                    IoPagetable.RESERVE,
                    IoptDomain::reserveOutside,
                    Undo.onFailure("remove reserved", IoPagetable.RESERVE, f -> f.iopt.removeReserved(f.domain)))
            .attempt(
                    "xa_reserve",
                    HostCost.ALLOCATE,
                    Footprint.LOCAL,
                    f -> f.iopt.injected("iopt_table_add_domain", "xa_reserve"))
            .invoke("iopt_fill_domain", f -> new Call<>(FILL, f))
            .step("xa_store domain", TABLE, f -> {
                f.iopt.raiseAlignment(f.domain);
                f.iopt.addDomain(f.domain);
            })
            .build();

    private static final Program<IoptDomain> REMOVE = Program.<IoptDomain>named("iopt_table_remove_domain")
            .lock("domains_rwsem", f -> f.iopt.domainsRwsem())
            .lock("iova_rwsem", f -> f.iopt.iovaRwsem())
            .attempt("xa_erase domain", HostCost.ATOMIC, TABLE, IoptDomain::erase)
            .invoke("iopt_unfill_domain", f -> new Call<>(UNFILL, f))
            .step("remove reserved", IoPagetable.RESERVE, f -> f.iopt.removeReserved(f.domain))
            .step("iopt_calculate_iova_alignment", IoPagetable.ALIGN.and(IoptArea.AREA), IoptDomain::recalculate)
            .build();

    private final IoPagetable iopt;
    private final PagingDomain domain;
    private final RefCell<IoptArea> area = ref();
    private final RefCell<IoptArea> end = ref();

    private IoptDomain(IoPagetable iopt, PagingDomain domain) {
        super(iopt.kernel().world());
        this.iopt = iopt;
        this.domain = domain;
    }

    /**
     * Puts every map of the address space into a new domain. Errors: EINVAL (it takes no 4096-byte pages), EADDRINUSE (a map
     * does not fit its pages or its aperture, or an allowed range its aperture), EFAULT, ENOMEM; then nothing changed.
     */
    static Call<?> add(IoPagetable iopt, PagingDomain domain) {
        return new Call<>(ADD, new IoptDomain(iopt, domain));
    }

    /** Takes every map out of a domain; what was reserved for it is free again. */
    static Call<?> remove(IoPagetable iopt, PagingDomain domain) {
        return new Call<>(REMOVE, new IoptDomain(iopt, domain));
    }

    /** The first area with pages behind {@code after}; both semaphores are held, so areas stand still. */
    private @Nullable IoptArea next(@Nullable IoptArea after) {
        IoptArea next =
                after == null ? iopt.areas().first(0, -1L) : iopt.areas().next(after, 0, -1L);
        while (next != null && next.pages() == null) {
            next = iopt.areas().next(next, 0, -1L);
        }
        return next;
    }

    private IoptPages pages() {
        return area.require().requirePages();
    }

    private Lock pagesMutex() {
        return pages().mutex();
    }

    private int reserveOutside() {
        int error = domain.apertureStart() == 0 ? 0 : iopt.reserve(0, domain.apertureStart() - 1, domain);
        if (error == 0 && domain.apertureEnd() != -1L) {
            error = iopt.reserve(domain.apertureEnd() + 1, -1L, domain);
        }
        if (error != 0) {
            iopt.removeReserved(domain);
        }
        return error;
    }

    private int erase() {
        if (iopt.removeDomain(domain)) {
            return 0;
        }
        iopt.kernel().warn("iopt_table_remove_domain", domain.name() + " is not in the address space");
        return Errno.ENOENT;
    }

    /** Another domain keeps the pages, or, after the last one, only accesses do. */
    private void giveUpStorage() {
        IoptArea current = area.require();
        if (!iopt.domains().isEmpty()) {
            if (current.storageDomain() == domain) {
                current.storageDomain(iopt.domains().get(0));
            }
            return;
        }
        current.storageDomain(null);
        pages().domains().remove(current.node());
    }

    private void unpin() {
        DmabufTrack.remove(pages(), area.require(), domain);
        pages().unfill(area.require().firstIndex(), area.require().lastIndex());
    }

    private void recalculate() {
        if (iopt.calculateAlignment() != 0) {
            iopt.kernel().warn("iopt_table_remove_domain", "the alignment grew");
        }
    }
}
