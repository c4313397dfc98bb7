package org.iommusim.amdvi.driver;

import java.util.function.Supplier;
import org.iommusim.hw.queue.EntryList;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.RefCell;

/**
 * Finds out which commands a flush needs and queues them one by one; others may queue theirs in between. As in the kernel an
 * error of queueing is nobody's business.
 */
final class IssueCommands extends Frame {
    private static final Footprint STATE = Footprint.of(Touches.DEVICE, Touches.DOMAIN, Touches.GDOMIDS, Touches.UNIT);
    static final Program<IssueCommands> DEVICE_FLUSH_DTE =
            queueing("device_flush_dte").build();
    static final Program<IssueCommands> DOMAIN_FLUSH_PAGES = waiting("amd_iommu_domain_flush_pages");
    static final Program<IssueCommands> FLUSH_ALL = waiting("amd_iommu_flush_all_caches");
    static final Program<IssueCommands> FLUSH_GCR3 = waiting("amd_iommu_dev_flush_pasid_all");
    static final Program<IssueCommands> FLUSH_GUEST = waiting("amd_viommu_cache_invalidate: block");
    static final Program<IssueCommands> COMPLETE_PPR =
            queueing("amd_iommu_complete_ppr").build();

    private final AmdIommu iommu;
    private final Supplier<EntryList> commands;
    private final RefCell<EntryList> list = ref();
    private final IntCell next = count();

    private IssueCommands(AmdIommu iommu, Supplier<EntryList> commands) {
        super(iommu.world());
        this.iommu = iommu;
        this.commands = commands;
    }

    static Call<?> call(Program<IssueCommands> program, AmdIommu iommu, Supplier<EntryList> commands) {
        return new Call<>(program, new IssueCommands(iommu, commands));
    }

    private static Program.Builder<IssueCommands> queueing(String name) {
        return Program.<IssueCommands>named(name)
                .step("which commands", HostCost.LOCAL, STATE, f -> f.list.set(f.commands.get()))
                .loop(
                        "commands left",
                        f -> f.next.get() < f.list.require().count(),
                        p -> p.invokeIgnoringError("iommu_queue_command", IssueCommands::queueOne)
                                .step("next command", HostCost.FREE, Footprint.LOCAL, f -> f.next.add(1)));
    }

    private static Program<IssueCommands> waiting(String name) {
        return queueing(name)
                .invokeIgnoringError(
                        "iommu_completion_wait", f -> f.iommu.commands().completionWait())
                .build();
    }

    private Call<?> queueOne() {
        EntryList all = list.require();
        return iommu.commands().queue(all.word0(next.get()), all.word1(next.get()));
    }
}
