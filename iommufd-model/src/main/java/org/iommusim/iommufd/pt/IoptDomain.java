package org.iommusim.iommufd.pt;

import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.driver.PagingDomain;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.world.IntCell;

/** {@code iopt_table_add_domain} and {@code iopt_table_remove_domain} of io_pagetable.c. */
final class IoptDomain extends Frame {
    private static final Footprint TABLE = Footprint.of(Ioas.AREAS, Ioas.DOMAINS, IoptArea.PAGES);

    private static final Program<IoptDomain> UNFILL = Program.<IoptDomain>named("iopt_unfill_domain")
            .loop(
                    "each filled area",
                    f -> f.filled.get() > 0,
                    b -> b.step("next area", HostCost.LOCAL, TABLE, f -> f.filled.add(-1))
                            .invoke("iopt_area_unfill_domain", f -> AreaFill.unfill(f.ioas, f.area(), f.domain))
                            .branch(
                                    "no other domain",
                                    Footprint.of(Ioas.DOMAINS),
                                    f -> !f.othersLeft(),
                                    c -> c.invoke("iopt_area_unpin", f -> AreaFill.unpin(f.ioas, f.area(), f.domain))))
            .build();

    private static final Program<IoptDomain> ADD = Program.<IoptDomain>named("iopt_table_add_domain")
            .lock("domains_rwsem", f -> f.ioas.domainsRwsem())
            .lock("iova_rwsem", f -> f.ioas.iovaRwsem())
            .check("alignment and aperture fit the maps", TABLE, IoptDomain::fits, Errno.EADDRINUSE)
            .guarded(
                    "iopt_fill_domain",
                    b -> b.step(
                                    "count areas",
                                    HostCost.LOCAL,
                                    TABLE,
                                    f -> f.total.set(f.ioas.areas().size()))
                            .loop(
                                    "each area",
                                    f -> f.filled.get() < f.total.get(),
                                    c -> c.branch(
                                                    "area->pages",
                                                    TABLE,
                                                    f -> f.area().pagesSet(),
                                                    d -> d.invoke(
                                                            "iopt_area_fill_domain",
                                                            f -> AreaFill.fill(f.ioas, f.area(), f.domain)))
                                            .step("area filled", HostCost.FREE, Footprint.LOCAL, f -> f.filled.add(1))),
                    b -> b.invoke("iopt_unfill_domain", f -> new Call<>(UNFILL, f)))
            .step(
                    "xa_store domain",
                    Footprint.of(Ioas.DOMAINS),
                    f -> f.ioas.domainSet().add(f.domain))
            .build();

    private static final Program<IoptDomain> REMOVE = Program.<IoptDomain>named("iopt_table_remove_domain")
            .lock("domains_rwsem", f -> f.ioas.domainsRwsem())
            .lock("iova_rwsem", f -> f.ioas.iovaRwsem())
            .step("xa_erase domain", TABLE, f -> {
                f.ioas.domainSet().remove(f.domain);
                f.filled.set(f.ioas.areas().size());
            })
            .invoke("iopt_unfill_domain", f -> new Call<>(UNFILL, f))
            .build();

    private final Ioas ioas;
    private final PagingDomain domain;
    private final IntCell total = count();
    private final IntCell filled = count();

    private IoptDomain(Ioas ioas, PagingDomain domain) {
        super(ioas.ctx().kernel().world());
        this.ioas = ioas;
        this.domain = domain;
    }

    /** Puts every map of the address space into a new domain. Errors: EADDRINUSE, EFAULT, ENOMEM. */
    static Call<?> add(Ioas ioas, PagingDomain domain) {
        return new Call<>(ADD, new IoptDomain(ioas, domain));
    }

    /** Takes every map out of a domain. */
    static Call<?> remove(Ioas ioas, PagingDomain domain) {
        return new Call<>(REMOVE, new IoptDomain(ioas, domain));
    }

    private IoptArea area() {
        return ioas.areas().get(filled.get());
    }

    private boolean othersLeft() {
        return !ioas.domains().isEmpty();
    }

    private boolean fits() {
        long mask = Math.max(Long.lowestOneBit(domain.pageSizes()), 1) - 1;
        for (IoptArea area : ioas.areas()) {
            boolean aligned = ((area.iova() | area.length() | area.va() % 4096) & mask) == 0;
            boolean inside = Long.compareUnsigned(area.iova(), domain.apertureStart()) >= 0
                    && Long.compareUnsigned(area.last(), domain.apertureEnd()) <= 0;
            if (!aligned || !inside) {
                return false;
            }
        }
        return true;
    }
}
