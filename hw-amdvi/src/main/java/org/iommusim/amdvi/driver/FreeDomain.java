package org.iommusim.amdvi.driver;

import org.iommusim.hw.pgtable.Gather;
import org.iommusim.hw.pgtable.PageTable;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;

/** {@code amd_iommu_domain_free}. Nothing is attached, so that nothing of it is cached: what was, went with the last device. */
final class FreeDomain extends Frame {
    static final Program<FreeDomain> PAGING = Program.<FreeDomain>named("amd_iommu_domain_free")
            .step("free tables cut off", HostCost.ATOMIC, Touches.PAGES.and(Gather.PENDING), FreeDomain::freeGathered)
            .step(
                    "pt_iommu_deinit",
                    HostCost.ALLOCATE,
                    Touches.PAGES,
                    f -> f.domain.table().freeAll())
            .step("amd_iommu_pdom_id_free", HostCost.ATOMIC, Footprint.of(Touches.IDS), FreeDomain::freeId)
            .build();

    private final AmdPaging domain;

    private FreeDomain(AmdPaging domain) {
        super(domain.iommu().world());
        this.domain = domain;
    }

    static Call<?> call(AmdPaging domain) {
        return new Call<>(PAGING, new FreeDomain(domain));
    }

    private void freeGathered() {
        domain.gather().takeRanges();
        for (PageTable.PageList p = domain.gather().takeTables(); p != null; p = p.next()) {
            domain.iommu().tables().free(p.address(), 1);
        }
    }

    private void freeId() {
        domain.iommu().domainIds.free(domain.domainId());
    }
}
