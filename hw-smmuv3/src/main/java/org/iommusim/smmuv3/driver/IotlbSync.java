package org.iommusim.smmuv3.driver;

import org.iommusim.hw.pgtable.Gather;
import org.iommusim.hw.pgtable.PageTable;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.program.Undo;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.RefCell;
import org.iommusim.smmuv3.spec.Cmd;
import org.jspecify.annotations.Nullable;

/**
 * {@code arm_smmu_iotlb_sync}: invalidates what was unmapped, waits, and frees the tables that were cut off. A nesting
 * parent needs a second round: TLBI_S2_IPA does not reach entries that combine both stages, so all stage-1 entries of the
 * VMID go after the first CMD_SYNC. What devices with ATS have kept goes last. As in the kernel a timeout is reported but fails nothing.
 */
final class IotlbSync extends Frame {
    static final Program<IotlbSync> PROGRAM = program();

    private final Smmuv3PagingDomain domain;
    private final RefCell<Gather.Range> ranges = ref();
    private final RefCell<PageTable.PageList> tables = ref();
    /** Another sync was under way when this one began. */
    private final IntCell overlaps = count();

    private IotlbSync(Smmuv3PagingDomain domain) {
        super(domain.smmu().world());
        this.domain = domain;
    }

    static Call<IotlbSync> call(Smmuv3PagingDomain domain) {
        return new Call<>(PROGRAM, new IotlbSync(domain));
    }

    private static Program<IotlbSync> program() {
        Footprint gather = Footprint.of(Gather.PENDING);
        return Program.<IotlbSync>named("arm_smmu_iotlb_sync")
                .take(
                        "take the gather",
                        gather,
                        IotlbSync::begin,
                        Undo.always("sync done", gather, f -> f.domain.gather().endSync()))
                .when(
                        "something to invalidate",
                        f -> f.ranges.get() != null || f.overlaps.get() != 0,
                        p -> p.invokeIgnoringError(
                                        "TLBI unmapped ranges",
                                        f -> f.domain.smmu().cmdq().issue(f.commands(), true))
                                .when(
                                        "nesting parent",
                                        f -> f.domain.nestParent(),
                                        q -> q.invokeIgnoringError(
                                                "TLBI_NH_ALL of the VMID",
                                                f -> f.domain
                                                        .smmu()
                                                        .cmdq()
                                                        .issue(Cmd.tlbi0(Cmd.TLBI_NH_ALL, f.domain.tag(), 0), 0)))
                                .when(
                                        "ATS",
                                        f -> f.domain.smmu().ids().ats(),
                                        q -> q.invoke(
                                                "arm_smmu_atc_inv_domain",
                                                f -> AtcInvalidate.domain(
                                                        f.domain, f.overlaps.get() != 0 ? null : f.ranges.get())))
                                .loop(
                                        "tables cut off",
                                        f -> f.tables.get() != null,
                                        q -> q.step("free table", HostCost.ATOMIC, Touches.PAGES, IotlbSync::freeOne)))
                .build();
    }

    private int begin() {
        overlaps.set(domain.gather().beginSync() ? 1 : 0);
        ranges.set(domain.gather().takeRanges());
        tables.set(domain.gather().takeTables());
        return 0;
    }

    private CommandList commands() {
        CommandList list = new CommandList();
        Gather.@Nullable Range first = ranges.get();
        long leaves = 0;
        for (Gather.Range r = first; r != null; r = r.next()) {
            leaves += domain.smmu().ids().ril() ? 8 : r.bytes() >>> r.leafShift();
        }
        // A sync that is still under way may have taken ranges that this caller unmapped: cover them all.
        if (overlaps.get() != 0 || leaves > CommandList.MOST_TLBI) {
            return addAll(list, domain);
        }
        boolean s1 = domain.stage() == 1;
        for (Gather.Range r = first; r != null; r = r.next()) {
            list.addRange(
                    domain.smmu().ids(),
                    s1 ? Cmd.TLBI_NH_VA : Cmd.TLBI_S2_IPA,
                    s1 ? 0 : domain.tag(),
                    s1 ? domain.tag() : 0,
                    r.start(),
                    r.bytes(),
                    r.leafShift(),
                    r.leafOnly());
        }
        return list;
    }

    /** Everything of a domain's tag. */
    static CommandList addAll(CommandList list, Smmuv3PagingDomain domain) {
        return domain.stage() == 1
                ? list.add(Cmd.tlbi0(Cmd.TLBI_NH_ASID, 0, domain.tag()), 0)
                : list.add(Cmd.tlbi0(Cmd.TLBI_S12_VMALL, domain.tag(), 0), 0);
    }

    private void freeOne() {
        PageTable.PageList page = tables.require();
        domain.smmu().tables().free(page.address(), 1);
        tables.set(page.next());
    }
}
