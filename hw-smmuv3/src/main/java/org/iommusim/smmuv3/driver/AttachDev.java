package org.iommusim.smmuv3.driver;

import java.util.OptionalLong;
import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.driver.IommuDomain;
import org.iommusim.hw.driver.StaticDomain;
import org.iommusim.hw.pcie.Atc;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.program.Undo;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.RefCell;
import org.iommusim.smmuv3.spec.Ste;
import org.jspecify.annotations.Nullable;

/**
 * {@code arm_smmu_attach_dev} for every kind of domain: prepare (the new domain lists the stream, so that its
 * invalidations are sent), write the STE, commit (vmaster, ATS, old domain no longer lists it), and flush the old tag if
 * nobody uses it any more: "any ASID or VMID that is in nobody's list must be clear in the TLBs".
 *
 * <p>ATS ({@code arm_smmu_attach_prepare}, {@code arm_smmu_attach_commit}): a device asks for translations only while a
 * domain translates. It is told to stop before the STE refuses, and to begin after the STE allows and its cache is empty.
 */
final class AttachDev extends Frame {
    static final Program<AttachDev> PROGRAM = program();

    private final Smmuv3Master master;
    private final IommuDomain domain;
    private final RefCell<Smmuv3Master.Vmaster> vmaster = ref();
    /** The tag that nobody uses any more. */
    private final RefCell<Smmuv3PagingDomain> unused = ref();

    private final IntCell found = count();
    /** {@code state->ats_enabled}: the device may ask for translations afterwards. */
    private final IntCell ats = count();

    private AttachDev(Smmuv3Master master, IommuDomain domain) {
        super(master.smmu().world());
        this.master = master;
        this.domain = domain;
    }

    static Call<AttachDev> call(Smmuv3Master master, IommuDomain domain) {
        return new Call<>(PROGRAM, new AttachDev(master, domain));
    }

    private static Program<AttachDev> program() {
        Footprint users = Footprint.of(Touches.DOMAIN, Touches.MASTER);
        Footprint state = users.and(Touches.DEVICE_DATA);
        Footprint master = Footprint.of(Touches.MASTER);
        return Program.<AttachDev>named("arm_smmu_attach_dev")
                .check("domain of this SMMU", f -> smmuOf(f.domain) == f.master.smmu(), Errno.EINVAL)
                .check("not released", Footprint.of(Touches.MASTER), f -> !f.master.released(), Errno.ENODEV)
                .lock("arm_smmu_asid_lock", f -> f.master.smmu().asidLock)
                .when(
                        "nested: prepare vmaster",
                        f -> f.domain instanceof NestedDomain,
                        p -> p.lock(
                                        "xa_lock viommu->vdevs",
                                        f -> f.nested().viommu().core().vdevsLock())
                                .step(
                                        "iommufd_viommu_get_vdev_id",
                                        HostCost.ATOMIC,
                                        Footprint.of(Touches.IOMMUFD),
                                        AttachDev::findVdevice)
                                .undoNow("xa_lock viommu->vdevs")
                                .check(
                                        "vDEVICE unless abort or bypass",
                                        f -> f.found.get() != 0 || !f.nested().translates(),
                                        Errno.ENOENT))
                .take(
                        "prepare: list the stream",
                        state,
                        AttachDev::list,
                        Undo.onFailure("unlist the stream", users, f -> f.unlist(f.domain, f.ats.get() != 0)))
                .branch(
                        "ATS ends",
                        master,
                        f -> f.ats.get() == 0 && f.master.atsEnabled(),
                        p -> p.step(
                                "pci_disable_ats",
                                HostCost.MMIO_WRITE,
                                Atc.CONTROL,
                                f -> f.master.function().writeAtsControl(false)))
                .invoke(
                        "arm_smmu_install_ste_for_dev",
                        f -> SteWriter.call(f.master.smmu(), f.master.sid(), f.target()))
                .lock("streams_mutex", f -> f.master.smmu().streamsMutex)
                .step(
                        "commit vmaster",
                        Footprint.of(Touches.MASTER),
                        f -> f.master.vmaster().set(f.vmaster.get()))
                .undoNow("streams_mutex")
                .branch(
                        "ATS before or after",
                        master,
                        f -> f.ats.get() != 0 || f.master.atsEnabled(),
                        p -> p.invoke("arm_smmu_atc_inv_master", f -> AtcInvalidate.master(f.master)))
                .branch(
                        "ATS begins",
                        master,
                        f -> f.ats.get() != 0 && !f.master.atsEnabled(),
                        p -> p.step(
                                "pci_enable_ats",
                                HostCost.MMIO_WRITE,
                                Atc.CONTROL,
                                f -> f.master.function().writeAtsControl(true)))
                .step("commit: unlist from the old domain", state, AttachDev::commit)
                .when(
                        "old tag unused",
                        f -> f.unused.get() != null,
                        p -> p.invokeIgnoringError(
                                "TLBI the old tag, CMD_SYNC",
                                f -> f.master
                                        .smmu()
                                        .cmdq()
                                        .issue(IotlbSync.addAll(new CommandList(), f.unused.require()), true)))
                .build();
    }

    /** The SMMU that a domain belongs to; {@code null} for another driver's. */
    static @Nullable ArmSmmu smmuOf(IommuDomain domain) {
        if (domain instanceof Smmuv3PagingDomain paging) {
            return paging.smmu();
        }
        if (domain instanceof NestedDomain nested) {
            return nested.parent().smmu();
        }
        return domain instanceof StaticDomain fixed && fixed.unit() instanceof ArmSmmu unit ? unit : null;
    }

    private NestedDomain nested() {
        return (NestedDomain) domain;
    }

    private void findVdevice() {
        OptionalLong id = nested().viommu().core().virtualIdOf(master);
        found.set(id.isPresent() ? 1 : 0);
        if (id.isPresent()) {
            vmaster.set(new Smmuv3Master.Vmaster(nested().viommu(), id.getAsLong()));
        }
    }

    /** The paging domain whose tag the stream's translations carry. */
    private static @Nullable Smmuv3PagingDomain tagged(IommuDomain domain) {
        if (domain instanceof NestedDomain nested) {
            return nested.parent();
        }
        return domain instanceof Smmuv3PagingDomain paging ? paging : null;
    }

    private int list() {
        boolean asks = master.atsSupported()
                && (domain instanceof NestedDomain nested ? nested.enableAts() : domain instanceof Smmuv3PagingDomain);
        ats.set(asks ? 1 : 0);
        Smmuv3PagingDomain paging = tagged(domain);
        if (paging != null) {
            MasterDomain.add(paging.devices(), master, asks && domain instanceof NestedDomain);
            paging.atsMasters().add(ats.get());
        }
        return 0;
    }

    private void unlist(IommuDomain from, boolean asked) {
        Smmuv3PagingDomain paging = tagged(from);
        if (paging != null) {
            MasterDomain.remove(paging.devices(), master, asked && from instanceof NestedDomain);
            paging.atsMasters().add(asked ? -1 : 0);
        }
    }

    private long[] target() {
        if (domain instanceof NestedDomain nested) {
            return SteTargets.nested(nested, ats.get() != 0);
        }
        if (domain instanceof Smmuv3PagingDomain paging) {
            boolean asks = ats.get() != 0;
            return paging.stage() == 1 ? SteTargets.stage1(paging, asks) : SteTargets.stage2(paging, asks);
        }
        return domain.type() == IommuDomain.Type.IDENTITY ? Ste.bypass() : Ste.abort();
    }

    private void commit() {
        IommuDomain old = master.domain();
        master.attached().set(domain);
        unlist(old, master.atsEnabled());
        master.atsEnabled(ats.get() != 0);
        Smmuv3PagingDomain paging = tagged(old);
        unused.set(paging != null && paging.users() == 0 ? paging : null);
    }
}
