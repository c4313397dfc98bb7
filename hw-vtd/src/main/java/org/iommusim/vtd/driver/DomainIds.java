package org.iommusim.vtd.driver;

import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.kernel.IdPool;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;

/**
 * {@code domain_attach_iommu} and {@code domain_detach_iommu}: a domain has an id on the unit as long as something is attached
 * to it. When the last one leaves, nothing tagged with the id is cached any more: the entry was torn down before.
 */
final class DomainIds extends Frame {
    private static final Footprint IDS = Footprint.of(Touches.IDS, Touches.DOMAIN, Touches.UNIT);
    static final Program<DomainIds> ATTACH = Program.<DomainIds>named("domain_attach_iommu")
            .lock("did_lock", f -> f.domain.iommu().didLock)
            .attempt("ida_alloc_range, refcnt++", HostCost.ATOMIC, IDS, DomainIds::attach)
            .build();
    static final Program<DomainIds> DETACH = Program.<DomainIds>named("domain_detach_iommu")
            .lock("did_lock", f -> f.domain.iommu().didLock)
            .step("refcnt--, ida_free", HostCost.ATOMIC, IDS, DomainIds::detach)
            .build();

    private final DmarDomain domain;

    private DomainIds(DmarDomain domain) {
        super(domain.iommu().world());
        this.domain = domain;
    }

    /** Error: ENOSPC. */
    static Call<?> attach(DmarDomain domain) {
        return new Call<>(ATTACH, new DomainIds(domain));
    }

    static Call<?> detach(DmarDomain domain) {
        return new Call<>(DETACH, new DomainIds(domain));
    }

    private int attach() {
        if (domain.did().get() == 0) {
            IntelIommu iommu = domain.iommu();
            int did = iommu.domainIds.allocate(IntelIommu.FIRST_DID, iommu.cap().domainIds() - 1);
            if (did == IdPool.NONE) {
                return Errno.ENOSPC;
            }
            domain.did().set(did);
        }
        domain.users().add(1);
        return 0;
    }

    private void detach() {
        if (domain.users().add(-1) == 0) {
            domain.iommu().domainIds.free(domain.did().get());
            domain.did().set(0);
        }
    }
}
