package org.iommusim.iommufd.device;

import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.driver.IommuDomain;
import org.iommusim.iommufd.eventq.AttachHandle;
import org.iommusim.iommufd.eventq.IopfDomain;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.program.Undo;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.RefCell;
import org.jspecify.annotations.Nullable;

/**
 * {@code __iommu_set_group_pasid} and {@code __iommu_remove_group_pasid} of iommu.c: one PASID of every device of a group
 * that has PASIDs moves to another domain. Under group->mutex.
 */
final class PasidDomain extends Frame {
    private static final Footprint GROUP =
            IopfDomain.ACCESS.and(IommuGroup.DEVICES, PasidArray.PASIDS, AttachHandle.HANDLE, HostDevice.DEV_IOMMU);

    private static final Program<PasidDomain> DEVICE = Program.<PasidDomain>named("set_dev_pasid of a device")
            .when(
                    "domain has a handler",
                    f -> f.handler(),
                    b -> b.invoke("enable iopf", f -> DeviceIopf.enable(f.current()))
                            .take(
                                    "iopf is on",
                                    HostCost.FREE,
                                    Footprint.LOCAL,
                                    f -> 0,
                                    Undo.onFailureCall("disable iopf again", f -> DeviceIopf.disable(f.current()))))
            .invoke("set_dev_pasid", f -> f.move(f.domain(), f.old.get()))
            .when(
                    "old domain has a handler",
                    f -> f.oldHandler.get() != 0,
                    b -> b.invoke("disable iopf", f -> DeviceIopf.disable(f.current())))
            .build();

    /** To the old domain, or to nothing if there was none. A driver that refuses its own good domain has a bug. */
    private static final Program<PasidDomain> REVERT = Program.<PasidDomain>named("back to the old domain")
            .when(
                    "old domain has a handler",
                    f -> f.oldHandler.get() != 0,
                    b -> b.invoke("enable iopf", f -> DeviceIopf.enable(f.current())))
            .invokeForAnswer("set_dev_pasid", f -> f.move(f.previous(), f.domain()), PasidDomain::mustSucceed)
            .when(
                    "domain had a handler",
                    f -> f.handler(),
                    b -> b.invoke("disable iopf", f -> DeviceIopf.disable(f.current())))
            .build();

    private static final Program<PasidDomain> SET = Program.<PasidDomain>named("__iommu_set_group_pasid")
            .step("read the group", GROUP, PasidDomain::begin)
            .guarded(
                    "set",
                    b -> b.loop(
                            "each device",
                            f -> f.index.get() < f.count.get(),
                            c -> c.branch(
                                            "has PASIDs",
                                            GROUP,
                                            f -> f.current().master().maxPasids() > 0,
                                            d -> d.invoke("device", f -> new Call<>(DEVICE, f)))
                                    .step("device moved", HostCost.FREE, Footprint.LOCAL, f -> f.index.add(1))),
                    b -> b.step("first moved", HostCost.FREE, Footprint.LOCAL, PasidDomain::beginRevert)
                            .loop(
                                    "each moved device",
                                    f -> f.index.get() < f.moved.get(),
                                    c -> c.branch(
                                                    "moved",
                                                    GROUP,
                                                    f -> f.current().master().maxPasids() > 0,
                                                    d -> d.invoke("back", f -> new Call<>(REVERT, f)))
                                            .step(
                                                    "device is back",
                                                    HostCost.FREE,
                                                    Footprint.LOCAL,
                                                    f -> f.index.add(1))))
            .build();

    private static final Program<PasidDomain> REMOVE = Program.<PasidDomain>named("__iommu_remove_group_pasid")
            .step("read the group", GROUP, PasidDomain::begin)
            .loop(
                    "each device",
                    f -> f.index.get() < f.count.get(),
                    b -> b.branch(
                                    "has PASIDs",
                                    GROUP,
                                    f -> f.current().master().maxPasids() > 0,
                                    c -> c.invokeForAnswer(
                                                    "set_dev_pasid of the blocked domain",
                                                    f -> f.move(f.blocked(), f.old.get()),
                                                    PasidDomain::mustSucceed)
                                            .when(
                                                    "domain has a handler",
                                                    f -> f.oldHandler.get() != 0,
                                                    d -> d.invoke(
                                                            "disable iopf", f -> DeviceIopf.disable(f.current()))))
                            .step("device is out", HostCost.FREE, Footprint.LOCAL, f -> f.index.add(1)))
            .build();

    private final IommuGroup group;
    private final int pasid;
    private final @Nullable IopfDomain domain;
    private final RefCell<IommuDomain> old = ref();
    private final IntCell oldHandler = count();
    private final IntCell index = count();
    private final IntCell count = count();
    private final IntCell moved = count();

    private PasidDomain(IommuGroup group, int pasid, @Nullable IopfDomain domain) {
        super(group.kernel().world());
        this.group = group;
        this.pasid = pasid;
        this.domain = domain;
    }

    /** Errors: those of set_dev_pasid; then every device is where it was. */
    static Call<?> set(IommuGroup group, int pasid, IopfDomain to) {
        return new Call<>(SET, new PasidDomain(group, pasid, to));
    }

    /** Cannot fail. */
    static Call<?> remove(IommuGroup group, int pasid) {
        return new Call<>(REMOVE, new PasidDomain(group, pasid, null));
    }

    private void begin() {
        AttachHandle handle = group.pasids().load(pasid);
        old.set(handle == null ? null : handle.domain().iommuDomain());
        oldHandler.set(GroupDomain.hasHandler(handle) ? 1 : 0);
        count.set(group.devices().items().size());
        index.set(0);
    }

    private void beginRevert() {
        moved.set(index.get());
        index.set(0);
    }

    private IommuDomain domain() {
        if (domain == null) {
            throw new IllegalStateException("a removal has no target");
        }
        return domain.iommuDomain();
    }

    private boolean handler() {
        return domain != null && domain.fault() != null;
    }

    private IommuDomain blocked() {
        return current().driver().blockedDomain();
    }

    private IommuDomain previous() {
        IommuDomain before = old.get();
        return before == null ? blocked() : before;
    }

    private HostDevice current() {
        return group.devices().items().get(index.get());
    }

    private Call<?> move(IommuDomain to, @Nullable IommuDomain from) {
        return current().driver().setDevPasid(current().master(), to, pasid, from);
    }

    private static void mustSucceed(PasidDomain f, int error) {
        if (error != 0) {
            f.group.kernel().warn("iommu_remove_dev_pasid", f.current() + ": " + Errno.name(error));
        }
    }
}
