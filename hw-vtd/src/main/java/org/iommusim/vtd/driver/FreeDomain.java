package org.iommusim.vtd.driver;

import org.iommusim.hw.pgtable.Gather;
import org.iommusim.hw.pgtable.PageTable;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;

/**
 * {@code intel_iommu_domain_free} and {@code intel_nested_domain_free}. Nothing is attached, so that nothing of it is cached:
 * what was, went with the last entry.
 */
final class FreeDomain extends Frame {
    static final Program<FreeDomain> PAGING = Program.<FreeDomain>named("intel_iommu_domain_free")
            .step("free tables cut off", HostCost.ATOMIC, Touches.PAGES.and(Gather.PENDING), FreeDomain::freeGathered)
            .step("pt_iommu_deinit", HostCost.ALLOCATE, Touches.PAGES, FreeDomain::freeTables)
            .build();
    static final Program<FreeDomain> NESTED = Program.<FreeDomain>named("intel_nested_domain_free")
            .step("list_del", HostCost.ATOMIC, Footprint.of(Touches.DOMAIN), FreeDomain::unlist)
            .build();

    private final DmarDomain domain;

    private FreeDomain(DmarDomain domain) {
        super(domain.iommu().world());
        this.domain = domain;
    }

    static Call<?> call(DmarDomain domain) {
        return new Call<>(domain instanceof DmarNested ? NESTED : PAGING, new FreeDomain(domain));
    }

    private DmarPaging paging() {
        return (DmarPaging) domain;
    }

    private void freeGathered() {
        paging().gather().takeRanges();
        for (PageTable.PageList p = paging().gather().takeTables(); p != null; p = p.next()) {
            domain.iommu().tables().free(p.address(), 1);
        }
    }

    private void freeTables() {
        paging().table().freeAll();
    }

    private void unlist() {
        DmarNested nested = (DmarNested) domain;
        VtdViommu viommu = nested.viommu();
        if (viommu != null) {
            viommu.remove(nested);
        }
    }
}
