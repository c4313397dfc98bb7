package org.iommusim.vtd.driver;

import org.iommusim.hw.driver.DevPasid;
import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.driver.IommuDomain;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.program.Undo;
import org.iommusim.sim.world.IntCell;
import org.jspecify.annotations.Nullable;

/**
 * {@code set_dev_pasid} of the four kinds of domains. The new domain's tags come first; the entry is taken down and set up,
 * because one that is present is never changed; the old domain's tags go last.
 */
final class SetDevPasid extends Frame {
    private static final Footprint STATE = Footprint.of(Touches.DEVICE, Touches.DOMAIN);

    static final Program<SetDevPasid> REMOVE_DEV_PASID = removeDevPasid();
    static final Program<SetDevPasid> ATTACH = attach();
    static final Program<SetDevPasid> IDENTITY = named("identity_domain_set_dev_pasid")
            .invoke("tear down the old entry", f -> PasidTeardown.call(f.info, f.pasid))
            .invoke(
                    "intel_pasid_setup_pass_through",
                    f -> PasidSetup.call(f.info, f.pasid, AttachDev.passThroughEntry()))
            .invoke("domain_remove_dev_pasid", SetDevPasid::removeOld)
            .build();
    static final Program<SetDevPasid> BLOCKED = named("blocking_domain_set_dev_pasid")
            .invoke("intel_pasid_tear_down_entry", f -> PasidTeardown.call(f.info, f.pasid))
            .invoke("domain_remove_dev_pasid", SetDevPasid::removeOld)
            .build();

    private final DeviceInfo info;
    private final IommuDomain domain;
    private final int pasid;
    private final @Nullable IommuDomain old;
    private final IntCell found = count();

    private SetDevPasid(DeviceInfo info, IommuDomain domain, int pasid, @Nullable IommuDomain old) {
        super(info.iommu().world());
        this.info = info;
        this.domain = domain;
        this.pasid = pasid;
        this.old = old;
    }

    static Call<?> call(DeviceInfo info, IommuDomain domain, int pasid, @Nullable IommuDomain old) {
        Program<SetDevPasid> program = switch (domain.type()) {
            case PAGING, NESTED -> ATTACH;
            case IDENTITY -> IDENTITY;
            case BLOCKED -> BLOCKED;
        };
        return new Call<>(program, new SetDevPasid(info, domain, pasid, old));
    }

    private static Program.Builder<SetDevPasid> named(String name) {
        return Program.<SetDevPasid>named(name)
                .check("pasid_supported", Footprint.of(Touches.UNIT), f -> f.info.maxPasids() != 0, Errno.EOPNOTSUPP)
                .check("PASID in range", Footprint.of(Touches.UNIT), SetDevPasid::inRange, Errno.EINVAL)
                .check("domain of this unit", f -> AttachDev.unitOf(f.domain) == f.info.iommu(), Errno.EINVAL)
                .check("not released", Footprint.of(Touches.DEVICE), f -> !f.info.released(), Errno.ENODEV);
    }

    private static Program<SetDevPasid> attach() {
        return named("intel_iommu_set_dev_pasid")
                .check(
                        "a first stage that the unit can do",
                        Footprint.of(Touches.UNIT),
                        f -> f.possible(),
                        Errno.EINVAL)
                .invoke("domain_add_dev_pasid: domain_attach_iommu", f -> DomainIds.attach(f.ours()))
                .take(
                        "id taken",
                        HostCost.FREE,
                        Footprint.LOCAL,
                        f -> 0,
                        Undo.onFailureCall("domain_detach_iommu", f -> DomainIds.detach(f.ours())))
                .invoke("domain_add_dev_pasid: cache_tag_assign_domain", SetDevPasid::assignTags)
                .take(
                        "tags assigned",
                        HostCost.FREE,
                        Footprint.LOCAL,
                        f -> 0,
                        Undo.onFailureCall("cache_tag_unassign_domain", SetDevPasid::unassignTags))
                .invoke("tear down the old entry", f -> PasidTeardown.call(f.info, f.pasid))
                .invoke(
                        "set up the PASID entry",
                        f -> PasidSetup.call(f.info, f.pasid, f.ours().pasidEntry()))
                .step("domain_add_dev_pasid: list_add", HostCost.ATOMIC, STATE, SetDevPasid::list)
                .invoke("domain_remove_dev_pasid", SetDevPasid::removeOld)
                .build();
    }

    /** Of a PASID that is not attached to the domain, nothing is taken back. */
    private static Program<SetDevPasid> removeDevPasid() {
        return Program.<SetDevPasid>named("domain_remove_dev_pasid")
                .step("find dev_pasid", HostCost.ATOMIC, STATE, SetDevPasid::find)
                .when(
                        "found",
                        f -> f.found.get() != 0,
                        p -> p.step("list_del", HostCost.ATOMIC, STATE, SetDevPasid::unlist)
                                .invoke("cache_tag_unassign_domain", SetDevPasid::unassignTags)
                                .invoke("domain_detach_iommu", f -> DomainIds.detach(f.ours())))
                .build();
    }

    private boolean inRange() {
        return pasid > IntelIommu.NO_PASID && pasid < info.maxPasids();
    }

    private boolean possible() {
        return !(domain instanceof DmarNested nested)
                || nested.config().possible(info.iommu().cap());
    }

    private DmarDomain ours() {
        return (DmarDomain) domain;
    }

    private Call<?> assignTags() {
        return CacheTags.assign(ours(), info, pasid);
    }

    private Call<?> unassignTags() {
        return CacheTags.unassign(ours(), info, pasid);
    }

    private void list() {
        info.pasids().set(new DevPasid(pasid, domain, info.pasids().get()));
    }

    private void find() {
        found.set(DevPasid.contains(info.pasids().get(), pasid, domain) ? 1 : 0);
    }

    private void unlist() {
        info.pasids().set(DevPasid.without(info.pasids().get(), pasid, domain));
    }

    /** Blocking and passing have nothing to take back. */
    private @Nullable Call<?> removeOld() {
        return old instanceof DmarDomain ? new Call<>(REMOVE_DEV_PASID, new SetDevPasid(info, old, pasid, null)) : null;
    }
}
