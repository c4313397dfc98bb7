package org.iommusim.smmuv3.driver;

import org.iommusim.hw.kernel.IdPool;
import org.iommusim.hw.pgtable.Gather;
import org.iommusim.hw.pgtable.PageTable;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;

/**
 * {@code arm_smmu_domain_free_paging}: the tag and the tables may be used again only after nothing of them is cached, so
 * everything is invalidated and completed first.
 */
final class FreeDomain extends Frame {
    static final Program<FreeDomain> PROGRAM = program();

    private final Smmuv3PagingDomain domain;

    private FreeDomain(Smmuv3PagingDomain domain) {
        super(domain.smmu().world());
        this.domain = domain;
    }

    static Call<FreeDomain> call(Smmuv3PagingDomain domain) {
        return new Call<>(PROGRAM, new FreeDomain(domain));
    }

    private static Program<FreeDomain> program() {
        Footprint gather = Touches.PAGES.and(Gather.PENDING);
        return Program.<FreeDomain>named("arm_smmu_domain_free_paging")
                .invokeIgnoringError(
                        "TLBI the whole tag, CMD_SYNC",
                        f -> f.domain.smmu().cmdq().issue(IotlbSync.addAll(new CommandList(), f.domain), true))
                .step("free tables cut off", HostCost.ATOMIC, gather, FreeDomain::freeGathered)
                .step(
                        "free_io_pgtable_ops",
                        HostCost.ALLOCATE,
                        Touches.PAGES,
                        f -> f.domain.table().freeAll())
                .when(
                        "stage 1",
                        f -> f.domain.stage() == 1,
                        p -> p.step(
                                "free CD table",
                                HostCost.ATOMIC,
                                Touches.PAGES,
                                f -> f.domain.smmu().tables().free(f.domain.cd(), 1)))
                .lock("arm_smmu_asid_lock", f -> f.domain.smmu().asidLock)
                .step("free ASID or VMID", Footprint.of(Touches.IDS), FreeDomain::freeTag)
                .build();
    }

    private void freeGathered() {
        domain.gather().takeRanges();
        for (PageTable.PageList p = domain.gather().takeTables(); p != null; p = p.next()) {
            domain.smmu().tables().free(p.address(), 1);
        }
    }

    private void freeTag() {
        IdPool pool = domain.stage() == 1 ? domain.smmu().asids : domain.smmu().vmids;
        pool.free(domain.tag());
    }
}
