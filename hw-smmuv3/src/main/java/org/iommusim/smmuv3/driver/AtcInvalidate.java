package org.iommusim.smmuv3.driver;

import org.iommusim.hw.pgtable.Gather;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.world.RefCell;
import org.iommusim.smmuv3.spec.Cmd;
import org.jspecify.annotations.Nullable;

/**
 * {@code arm_smmu_atc_inv_domain} and {@code arm_smmu_atc_inv_master}: what devices may have kept of translations. Call it
 * when the TLB invalidations are complete: until then a device could fetch the old translation again.
 *
 * <p>As in the kernel a device that does not answer fails nothing: the timeout is reported, and the caller goes on.
 */
final class AtcInvalidate extends Frame {
    private static final int PAGE_SHIFT = 12;
    private static final Footprint DEVICES = Footprint.of(Touches.DOMAIN, Touches.MASTER);

    private static final Program<AtcInvalidate> DOMAIN = Program.<AtcInvalidate>named("arm_smmu_atc_inv_domain")
            .step("smp_mb", HostCost.BARRIER, Footprint.LOCAL, f -> {})
            // A device whose ATS comes on behind this has its whole cache invalidated when that is done.
            .branch(
                    "nr_ats_masters is not 0",
                    DEVICES,
                    f -> f.domain().atsMasters().get() != 0,
                    p -> p.step(
                                    "devices_lock: a command for each master",
                                    HostCost.ATOMIC,
                                    DEVICES,
                                    AtcInvalidate::ofDomain)
                            .invokeIgnoringError("ATC_INV, CMD_SYNC", AtcInvalidate::issue))
            .build();

    private static final Program<AtcInvalidate> MASTER = Program.<AtcInvalidate>named("arm_smmu_atc_inv_master")
            .invokeIgnoringError("ATC_INV of everything, CMD_SYNC", AtcInvalidate::issue)
            .build();

    private final ArmSmmu smmu;
    private final @Nullable Smmuv3PagingDomain domain;
    private final Gather.@Nullable Range ranges;
    private final RefCell<CommandList> commands = ref();

    private AtcInvalidate(ArmSmmu smmu, @Nullable Smmuv3PagingDomain domain, Gather.@Nullable Range ranges) {
        super(smmu.world());
        this.smmu = smmu;
        this.domain = domain;
        this.ranges = ranges;
    }

    /**
     * Invalidates ranges in the caches of all masters of a domain.
     *
     * @param ranges {@code null}: everything
     */
    static Call<?> domain(Smmuv3PagingDomain domain, Gather.@Nullable Range ranges) {
        return new Call<>(DOMAIN, new AtcInvalidate(domain.smmu(), domain, ranges));
    }

    /** Invalidates all that a master has kept. */
    static Call<?> master(Smmuv3Master master) {
        AtcInvalidate frame = new AtcInvalidate(master.smmu(), null, null);
        frame.commands.set(everything(new CommandList(), master));
        return new Call<>(MASTER, frame);
    }

    private Smmuv3PagingDomain domain() {
        if (domain == null) {
            throw new IllegalStateException("one master's invalidation asks for a domain");
        }
        return domain;
    }

    private Call<?> issue() {
        return smmu.cmdq().issue(commands.require(), true);
    }

    private void ofDomain() {
        CommandList list = new CommandList();
        for (MasterDomain d = domain().devices().get(); d != null; d = d.next()) {
            if (!d.master().atsEnabled()) {
                continue;
            }
            // Guest addresses of what a changed stage 2 translated are not known: everything of such a device goes.
            if (d.nestedAtsFlush() || ranges == null) {
                everything(list, d.master());
            } else {
                addRanges(list, d.master());
            }
        }
        commands.set(list);
    }

    private void addRanges(CommandList list, Smmuv3Master master) {
        for (Gather.Range r = ranges; r != null; r = r.next()) {
            int span = spanLog2(r.start(), r.bytes());
            long first = r.start() & -1L << span + PAGE_SHIFT;
            list.add(Cmd.atcInv0(master.sid(), -1, false), Cmd.atcInv1(first, span));
        }
    }

    private static CommandList everything(CommandList list, Smmuv3Master master) {
        return list.add(Cmd.atcInv0(master.sid(), -1, false), Cmd.atcInv1(0, Cmd.ATC_SIZE_ALL));
    }

    /** log2 of the pages of the smallest aligned power of two that holds a range ({@code arm_smmu_atc_inv_to_cmd}). */
    static int spanLog2(long start, long bytes) {
        long first = start >>> PAGE_SHIFT;
        long last = start + bytes - 1 >>> PAGE_SHIFT;
        return Long.SIZE - Long.numberOfLeadingZeros(first ^ last);
    }
}
