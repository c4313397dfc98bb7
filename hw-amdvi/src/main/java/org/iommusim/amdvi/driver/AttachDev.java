package org.iommusim.amdvi.driver;

import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.driver.IommuDomain;
import org.iommusim.hw.driver.StaticDomain;
import org.iommusim.hw.pgtable.TableMemory;
import org.iommusim.hw.queue.EntryList;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.program.Undo;
import org.jspecify.annotations.Nullable;

/**
 * {@code attach_dev} of the four kinds of domains. A device leaves its old domain first ({@code detach_device}): it leaves the
 * fault queue while it may still ask for pages, as in the kernel, its own TLB is switched off, its entry cleared, what the domain's tag has in the unit's caches invalidated, and only then is it taken out of
 * the domain's list, by which others know whom to ask to invalidate. A nested domain is different: its entry replaces the old
 * one, and the device stays in the list where it was.
 */
final class AttachDev extends Frame {
    private static final Footprint STATE = Footprint.of(Touches.DEVICE, Touches.DOMAIN);
    private static final Footprint GCR3 = Touches.PAGES.and(Touches.IDS);

    static final Program<AttachDev> DETACH = detachDevice();
    static final Program<AttachDev> ATTACH = attachDevice();
    static final Program<AttachDev> PAGING = named("amd_iommu_attach_device")
            .branch(
                    "another domain",
                    STATE,
                    f -> f.dev.domain() != f.domain,
                    p -> p.branch("dev_data->domain", STATE, AttachDev::isListed, AttachDev::detach)
                            .invoke("attach_device", f -> new Call<>(ATTACH, f.again())))
            .build();
    static final Program<AttachDev> NESTED = named("nested_attach_device")
            .check("PASIDs are not in use", STATE, f -> f.dev.pasids().get() == null, Errno.EINVAL)
            .lock("xa_lock viommu->vdevs", f -> f.nested().viommu().core().vdevsLock())
            .check("iommufd_viommu_get_vdev_id", Footprint.of(Touches.IOMMUFD), AttachDev::hasVdevice, Errno.ENOENT)
            .undoNow("xa_lock viommu->vdevs")
            .lock("dev_data->mutex", f -> f.dev.mutex)
            .invoke("amd_iommu_update_dte", f -> UpdateDte.call(f.dev, DteTargets.nested(f.dev, f.nested())))
            .step("attached", HostCost.ATOMIC, STATE, AttachDev::attached)
            .build();
    static final Program<AttachDev> BLOCKED = named("blocked_domain_attach_device")
            .branch("dev_data->domain", STATE, AttachDev::isListed, AttachDev::detach)
            .lock("dev_data->mutex", f -> f.dev.mutex)
            .invoke("dev_update_dte(false)", AttachDev::clearDte)
            .step("attached", HostCost.ATOMIC, STATE, AttachDev::attached)
            .build();

    private final DevData dev;
    private final IommuDomain domain;

    private AttachDev(DevData dev, IommuDomain domain) {
        super(dev.iommu().world());
        this.dev = dev;
        this.domain = domain;
    }

    static Call<?> call(DevData dev, IommuDomain domain) {
        Program<AttachDev> program = switch (domain.type()) {
            case PAGING, IDENTITY -> PAGING;
            case NESTED -> NESTED;
            case BLOCKED -> BLOCKED;
        };
        return new Call<>(program, new AttachDev(dev, domain));
    }

    private static Program.Builder<AttachDev> named(String name) {
        return Program.<AttachDev>named(name)
                .check("domain of this unit", f -> unitOf(f.domain) == f.dev.iommu(), Errno.EINVAL)
                .check("not released", Footprint.of(Touches.DEVICE), f -> !f.dev.released(), Errno.ENODEV);
    }

    /** The unit that a domain belongs to; {@code null} for another driver's. */
    static @Nullable AmdIommu unitOf(IommuDomain domain) {
        if (domain instanceof AmdPaging paging) {
            return paging.iommu();
        }
        if (domain instanceof AmdNested nested) {
            return nested.viommu().iommu();
        }
        return domain instanceof StaticDomain fixed && fixed.unit() instanceof AmdIommu unit ? unit : null;
    }

    private static void detach(Program.Builder<AttachDev> p) {
        p.invoke("detach_device", f -> new Call<>(DETACH, f.again()));
    }

    private static Program<AttachDev> detachDevice() {
        return Program.<AttachDev>named("detach_device")
                .lock("dev_data->mutex", f -> f.dev.mutex)
                .invoke("amd_iommu_iopf_remove_device", AttachDev::leaveFaultQueue)
                .invoke("pdev_disable_caps", f -> PciCaps.call(PciCaps.DISABLE, f.dev))
                .invoke("dev_update_dte(false)", AttachDev::clearDte)
                .branch(
                        "with tables",
                        STATE,
                        AttachDev::leavesTables,
                        p -> p.lock("domain->lock", f -> f.left().lock)
                                .invoke("amd_iommu_domain_flush_all", AttachDev::flushOld)
                                .step("list_del", HostCost.ATOMIC, STATE, AttachDev::unlist)
                                .undoNow("domain->lock"))
                .branch(
                        "without tables",
                        STATE,
                        f -> f.dev.listed.get() instanceof StaticDomain,
                        p -> p.invoke("flush the identity domain", AttachDev::flushIdentity))
                .branch(
                        "has a GCR3 table",
                        STATE,
                        f -> f.dev.gcr3Table.get() != 0,
                        p -> p.step("free_gcr3_table", HostCost.ALLOCATE, GCR3, f -> Gcr3Tables.free(f.dev)))
                .step("dev_data->domain = NULL", HostCost.ATOMIC, STATE, f -> f.dev.listed.set(null))
                .build();
    }

    private static Program<AttachDev> attachDevice() {
        return Program.<AttachDev>named("attach_device")
                .lock("dev_data->mutex", f -> f.dev.mutex)
                .when(
                        "guest tables",
                        AttachDev::guestTables,
                        p -> p.take(
                                "init_gcr3_table",
                                HostCost.ALLOCATE,
                                GCR3,
                                AttachDev::initGcr3,
                                Undo.onFailure("destroy_gcr3_table", GCR3, AttachDev::destroyGcr3)))
                .invoke("pdev_enable_cap_ats", f -> PciCaps.call(PciCaps.ENABLE_ATS, f.dev))
                .when(
                        "page requests",
                        AttachDev::guestTables,
                        p -> p.invoke("pdev_enable_cap_pri", f -> PciCaps.call(PciCaps.ENABLE_PRI, f.dev))
                                .invoke("amd_iommu_iopf_add_device", f -> FaultQueue.call(FaultQueue.ADD, f.dev)))
                .step("dev_data->domain = domain", HostCost.ATOMIC, STATE, AttachDev::enter)
                .when(
                        "has a list",
                        f -> f.domain instanceof AmdPaging,
                        p -> p.lock("domain->lock", f -> ((AmdPaging) f.domain).lock)
                                .step("list_add", HostCost.ATOMIC, STATE, AttachDev::list)
                                .undoNow("domain->lock"))
                .invoke("dev_update_dte(true)", AttachDev::setDte)
                .build();
    }

    /** For a program that this one calls. */
    private AttachDev again() {
        return new AttachDev(dev, domain);
    }

    DevData dev() {
        return dev;
    }

    private boolean isListed() {
        return dev.listed.get() != null;
    }

    private AmdPaging left() {
        return (AmdPaging) dev.listed.require();
    }

    private AmdNested nested() {
        return (AmdNested) domain;
    }

    private boolean hasVdevice() {
        return nested().viommu().core().virtualIdOf(dev).isPresent();
    }

    private boolean guestTables() {
        return domain instanceof AmdPaging paging && paging.v2();
    }

    private int initGcr3() {
        int error = Gcr3Tables.allocate(dev);
        if (error != 0) {
            return error;
        }
        error = Gcr3Tables.set(
                dev, AmdIommu.NO_PASID, ((AmdPaging) domain).table().root());
        if (error != 0) {
            destroyGcr3();
        }
        return error;
    }

    private void destroyGcr3() {
        Gcr3Tables.set(dev, AmdIommu.NO_PASID, TableMemory.NONE);
        Gcr3Tables.free(dev);
    }

    /** {@code amd_iommu_iopf_remove_device}. */
    Call<?> leaveFaultQueue() {
        return FaultQueue.call(FaultQueue.REMOVE, dev);
    }

    /** {@code dev_update_dte(dev_data, false)}. */
    Call<?> clearDte() {
        return UpdateDte.call(dev, DteTargets.clear());
    }

    private Call<?> setDte() {
        return UpdateDte.call(
                dev, domain instanceof AmdPaging paging ? DteTargets.paging(dev, paging) : DteTargets.identity(dev));
    }

    private Call<?> flushOld() {
        return DomainFlush.unlocked(left(), null);
    }

    private Call<?> flushIdentity() {
        return IssueCommands.call(IssueCommands.DOMAIN_FLUSH_PAGES, dev.iommu(), () -> {
            EntryList list = new EntryList();
            Flushes.addPages(list, AmdIommu.IDENTITY_DOMAIN, Flushes.NOT_GUEST, null);
            return list;
        });
    }

    /** It leaves a domain that has a list. */
    boolean leavesTables() {
        return dev.listed.get() instanceof AmdPaging;
    }

    /** Takes the device out of the list of the domain that it leaves. */
    void unlist() {
        left().remove(dev, AmdIommu.NO_PASID);
    }

    private void enter() {
        dev.listed.set(domain);
        dev.current().set(domain);
    }

    private void list() {
        ((AmdPaging) domain).add(dev, AmdIommu.NO_PASID);
    }

    private void attached() {
        dev.current().set(domain);
    }
}
