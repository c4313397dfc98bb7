package org.iommusim.vtd.driver;

import java.util.OptionalLong;
import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.driver.IommuDomain;
import org.iommusim.hw.driver.StaticDomain;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.program.Undo;
import org.iommusim.sim.world.RefCell;
import org.iommusim.vtd.spec.ContextEntry;
import org.iommusim.vtd.spec.PasidEntry;
import org.jspecify.annotations.Nullable;

/**
 * {@code attach_dev} of the four kinds of domains. The old translation is always taken away first ({@code
 * device_block_translation}), because an entry that is present is never changed: between the two the device is blocked. What
 * can be found wrong before that is, so that the old domain stays; without memory for a table, later, the device stays blocked.
 */
final class AttachDev extends Frame {
    private static final Footprint STATE = Footprint.of(Touches.DEVICE, Touches.DOMAIN);

    static final Program<AttachDev> BLOCK_TRANSLATION = blockTranslation();
    static final Program<AttachDev> PAGING = paging();
    static final Program<AttachDev> NESTED = nested();
    static final Program<AttachDev> IDENTITY = named("identity_domain_attach_dev")
            .invoke("device_block_translation", f -> f.block())
            .invoke("set up pass-through", AttachDev::setPassThrough)
            .step("domain_attached = true", HostCost.ATOMIC, STATE, AttachDev::attached)
            .build();
    static final Program<AttachDev> BLOCKED = named("blocking_domain_attach_dev")
            .invoke("device_block_translation", f -> f.block())
            .build();

    private final DeviceInfo info;
    private final IommuDomain domain;
    /** What it was attached to, if that has tags and an id. */
    private final RefCell<DmarDomain> old = ref();

    private AttachDev(DeviceInfo info, IommuDomain domain) {
        super(info.iommu().world());
        this.info = info;
        this.domain = domain;
    }

    static Call<?> call(DeviceInfo info, IommuDomain domain) {
        Program<AttachDev> program = switch (domain.type()) {
            case PAGING -> PAGING;
            case NESTED -> NESTED;
            case IDENTITY -> IDENTITY;
            case BLOCKED -> BLOCKED;
        };
        return new Call<>(program, new AttachDev(info, domain));
    }

    private static Program.Builder<AttachDev> named(String name) {
        return Program.<AttachDev>named(name)
                .check("domain of this unit", f -> unitOf(f.domain) == f.info.iommu(), Errno.EINVAL)
                .check("not released", Footprint.of(Touches.DEVICE), f -> !f.info.released(), Errno.ENODEV);
    }

    /** The unit that a domain belongs to; {@code null} for another driver's. */
    static @Nullable IntelIommu unitOf(IommuDomain domain) {
        if (domain instanceof DmarDomain ours) {
            return ours.iommu();
        }
        return domain instanceof StaticDomain fixed && fixed.unit() instanceof IntelIommu unit ? unit : null;
    }

    private static Program<AttachDev> paging() {
        return withDomainId(named("intel_iommu_attach_device"))
                .invoke("device_block_translation", f -> f.block())
                .either(
                        "scalable",
                        f -> f.info.iommu().scalable(),
                        p -> p.invoke("set up the PASID entry", AttachDev::setPasidEntry),
                        p -> p.invoke("domain_context_mapping", AttachDev::setContext)
                                .invoke("iommu_enable_pci_ats", f -> PciCaps.call(PciCaps.ENABLE_ATS, f.info)))
                .invoke("cache_tag_assign_domain", AttachDev::assignTags)
                .step("info->domain = domain", HostCost.ATOMIC, STATE, AttachDev::attached)
                .build();
    }

    /** Here the tags come first. */
    private static Program<AttachDev> nested() {
        return withDomainId(named("intel_nested_attach_dev")
                        .check(
                                "a first stage that the unit can do",
                                Footprint.of(Touches.UNIT),
                                f -> f.nestedDomain()
                                        .config()
                                        .possible(f.info.iommu().cap()),
                                Errno.EINVAL)
                        .when("made on a vIOMMU", f -> f.nestedDomain().viommu() != null, AttachDev::checkVdevice))
                .invoke("device_block_translation", f -> f.block())
                .invoke("cache_tag_assign_domain", AttachDev::assignTags)
                .take(
                        "tags assigned",
                        HostCost.FREE,
                        Footprint.LOCAL,
                        f -> 0,
                        Undo.onFailureCall(
                                "cache_tag_unassign_domain",
                                f -> CacheTags.unassign(f.ours(), f.info, IntelIommu.NO_PASID)))
                .invoke("intel_pasid_setup_nested", AttachDev::setPasidEntry)
                .step("info->domain = domain", HostCost.ATOMIC, STATE, AttachDev::attached)
                .build();
    }

    private static Program.Builder<AttachDev> withDomainId(Program.Builder<AttachDev> p) {
        return p.invoke("domain_attach_iommu", f -> DomainIds.attach(f.ours()))
                .take(
                        "id taken",
                        HostCost.FREE,
                        Footprint.LOCAL,
                        f -> 0,
                        Undo.onFailureCall("domain_detach_iommu", f -> DomainIds.detach(f.ours())));
    }

    /** A vIOMMU must know the device: the virtual id is its place in the guest's context table. */
    private static void checkVdevice(Program.Builder<AttachDev> p) {
        p.lock("xa_lock viommu->vdevs", f -> f.viommu().core().vdevsLock())
                .check("iommufd_viommu_get_vdev_id", Footprint.of(Touches.IOMMUFD), AttachDev::hasVdevice, Errno.ENOENT)
                .undoNow("xa_lock viommu->vdevs");
    }

    private static Program<AttachDev> blockTranslation() {
        return Program.<AttachDev>named("device_block_translation")
                .branch(
                        "domain_attached",
                        STATE,
                        f -> f.info.attached.get() != 0,
                        p -> p.step("look at info->domain", HostCost.LOCAL, STATE, AttachDev::look)
                                .when(
                                        "has cache tags",
                                        AttachDev::hadTags,
                                        q -> q.invoke(
                                                "cache_tag_unassign_domain",
                                                f -> CacheTags.unassign(f.old.require(), f.info, IntelIommu.NO_PASID)))
                                .either(
                                        "scalable",
                                        f -> f.info.iommu().scalable(),
                                        q -> q.invoke(
                                                "intel_pasid_tear_down_entry",
                                                f -> PasidTeardown.call(f.info, IntelIommu.NO_PASID)),
                                        q -> q.invoke("domain_context_clear", f -> ContextMapping.clear(f.info))
                                                .invoke(
                                                        "iommu_disable_pci_ats",
                                                        f -> PciCaps.call(PciCaps.DISABLE_ATS, f.info)))
                                .step("domain_attached = false", HostCost.ATOMIC, STATE, f -> f.info.attached.set(0))
                                .when(
                                        "has a domain id",
                                        AttachDev::hadTags,
                                        q -> q.invoke("domain_detach_iommu", f -> DomainIds.detach(f.old.require())))
                                .step("info->domain = NULL", HostCost.ATOMIC, STATE, AttachDev::forget))
                .build();
    }

    private Call<?> block() {
        return new Call<>(BLOCK_TRANSLATION, new AttachDev(info, domain));
    }

    private DmarDomain ours() {
        return (DmarDomain) domain;
    }

    private DmarNested nestedDomain() {
        return (DmarNested) domain;
    }

    private VtdViommu viommu() {
        VtdViommu viommu = nestedDomain().viommu();
        if (viommu == null) {
            throw new IllegalStateException(domain + " was not made on a vIOMMU");
        }
        return viommu;
    }

    private boolean hasVdevice() {
        OptionalLong id = viommu().core().virtualIdOf(info);
        return id.isPresent();
    }

    /** The device, for patches. */
    DeviceInfo info() {
        return info;
    }

    /** The old domain has tags; after the step that looks at it. */
    boolean hadTags() {
        return old.get() != null;
    }

    /** Takes the old domain's tags away. */
    Call<?> unassignTags() {
        return CacheTags.unassign(old.require(), info, IntelIommu.NO_PASID);
    }

    private void look() {
        old.set(info.domain() instanceof DmarDomain has ? has : null);
    }

    private void forget() {
        info.current().set(info.driver().blockedDomain());
    }

    private Call<?> setPasidEntry() {
        return PasidSetup.call(info, IntelIommu.NO_PASID, ours().pasidEntry());
    }

    private Call<?> setContext() {
        return ContextMapping.set(info, ((DmarPaging) domain).contextEntry(info.atsSupported()));
    }

    private Call<?> setPassThrough() {
        return info.iommu().scalable()
                ? PasidSetup.call(info, IntelIommu.NO_PASID, passThroughEntry())
                : ContextMapping.set(info, passThroughContext());
    }

    /** PASID entry of the domain that passes everything. */
    static long[] passThroughEntry() {
        return PasidEntry.passThrough(IntelIommu.PASS_THROUGH_DID);
    }

    /** The same of legacy mode; its width is the unit's widest. */
    private long[] passThroughContext() {
        int levels = SsFormat.levels(info.iommu().cap());
        return ContextEntry.present(ContextEntry.TT_PASS_THROUGH, 0, levels, IntelIommu.PASS_THROUGH_DID);
    }

    private Call<?> assignTags() {
        return CacheTags.assign(ours(), info, IntelIommu.NO_PASID);
    }

    private void attached() {
        info.attached.set(1);
        info.current().set(domain);
    }
}
