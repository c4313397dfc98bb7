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

/** {@code __iommu_group_set_domain} of iommu.c: moves all devices of a group to another domain. Under group->mutex. */
final class GroupDomain extends Frame {
    private static final Footprint GROUP =
            IopfDomain.ACCESS.and(IommuGroup.GROUP_DOMAIN, IommuGroup.DEVICES, PasidArray.PASIDS, AttachHandle.HANDLE);

    /** One device. The order is the drivers': faults may come once the new domain is in, and until the old one is out. */
    static final Program<GroupDomain> DEVICE = Program.<GroupDomain>named("__iommu_device_set_domain")
            .when(
                    "domain has a handler",
                    f -> f.handler,
                    b -> b.invoke("enable iopf", f -> DeviceIopf.enable(f.current()))
                            .take(
                                    "iopf is on",
                                    HostCost.FREE,
                                    Footprint.LOCAL,
                                    f -> 0,
                                    Undo.onFailureCall("disable iopf again", f -> DeviceIopf.disable(f.current()))))
            .invoke("attach_dev", f -> f.attach(f.domain))
            .when(
                    "old domain has a handler",
                    GroupDomain::leavesHandler,
                    b -> b.invoke("disable iopf", GroupDomain::disableIopf))
            .build();

    private static final Program<GroupDomain> REVERT = Program.<GroupDomain>named("back to the old domain")
            .when(
                    "old domain has a handler",
                    f -> f.oldHandler.get() != 0,
                    b -> b.invoke("enable iopf", f -> DeviceIopf.enable(f.current())))
            .invokeForAnswer("attach_dev", f -> f.attach(f.old.require()), GroupDomain::mustSucceed)
            .when(
                    "domain had a handler",
                    f -> f.handler,
                    b -> b.invoke("disable iopf", f -> DeviceIopf.disable(f.current())))
            .build();

    private static final Program<GroupDomain> SET_DOMAIN = Program.<GroupDomain>named("__iommu_group_set_domain")
            .step("read the group", GROUP, GroupDomain::begin)
            .when("the same domain", f -> f.old.get() == f.domain, b -> b.succeed("nothing to do"))
            .guarded(
                    "attach",
                    b -> b.loop(
                            "each device",
                            f -> f.index.get() < f.count.get(),
                            c -> c.invoke("__iommu_device_set_domain", f -> new Call<>(DEVICE, f))
                                    .step("device moved", HostCost.FREE, Footprint.LOCAL, f -> f.index.add(1))),
                    b -> b.step("first moved", HostCost.FREE, Footprint.LOCAL, GroupDomain::beginRevert)
                            .loop(
                                    "each moved device",
                                    f -> f.index.get() < f.moved.get(),
                                    c -> c.invoke("back", f -> new Call<>(REVERT, f))
                                            .step(
                                                    "device is back",
                                                    HostCost.FREE,
                                                    Footprint.LOCAL,
                                                    f -> f.index.add(1))))
            .step("group->domain", GROUP, f -> f.group.domain().set(f.domain))
            .build();

    private static final Program<GroupDomain> NOFAIL = Program.<GroupDomain>named("__iommu_group_set_domain_nofail")
            .step("read the group", GROUP, GroupDomain::begin)
            .when("the same domain", f -> f.old.get() == f.domain, b -> b.succeed("nothing to do"))
            .loop(
                    "each device",
                    f -> f.index.get() < f.count.get(),
                    // Whatever a device answers, the others must leave the old domain: it is about to be freed.
                    b -> b.invokeForAnswer(
                                    "__iommu_device_set_domain", f -> new Call<>(DEVICE, f), GroupDomain::mustSucceed)
                            .step("device moved", HostCost.FREE, Footprint.LOCAL, f -> f.index.add(1)))
            .step("group->domain", GROUP, f -> f.group.domain().set(f.domain))
            .build();

    private final IommuGroup group;
    private final IommuDomain domain;
    private final boolean handler;
    private final RefCell<IommuDomain> old = ref();
    private final IntCell oldHandler = count();
    private final IntCell index = count();
    private final IntCell count = count();
    private final IntCell moved = count();

    private GroupDomain(IommuGroup group, IommuDomain domain, boolean handler) {
        super(group.kernel().world());
        this.group = group;
        this.domain = domain;
        this.handler = handler;
    }

    /** To a domain of the group's owner. Errors: those of attach_dev; then every device is where it was. */
    static Call<?> set(IommuGroup group, IopfDomain to) {
        return new Call<>(SET_DOMAIN, new GroupDomain(group, to.iommuDomain(), to.fault() != null));
    }

    /** To a domain of the core. Errors: those of attach_dev. */
    static Call<?> set(IommuGroup group, IommuDomain to) {
        return new Call<>(SET_DOMAIN, new GroupDomain(group, to, false));
    }

    /** To a domain of the core, by callers that cannot do anything about an error: it is a warning. */
    static Call<?> setNoFail(IommuGroup group, IommuDomain to) {
        return new Call<>(NOFAIL, new GroupDomain(group, to, false));
    }

    private void begin() {
        old.set(group.domain().get());
        AttachHandle handle = group.pasids().load(PasidArray.NO_PASID);
        oldHandler.set(hasHandler(handle) ? 1 : 0);
        count.set(group.devices().items().size());
        index.set(0);
    }

    private void beginRevert() {
        moved.set(index.get());
        index.set(0);
    }

    /** {@code handle->domain->iopf_handler}. */
    static boolean hasHandler(@Nullable AttachHandle handle) {
        return handle != null && handle.domain().fault() != null;
    }

    private HostDevice current() {
        return group.devices().items().get(index.get());
    }

    /** The domain that the device leaves has a fault handler. */
    boolean leavesHandler() {
        return oldHandler.get() != 0;
    }

    /** {@code iopf_for_domain_remove} of the present device. */
    Call<?> disableIopf() {
        return DeviceIopf.disable(current());
    }

    private Call<?> attach(IommuDomain to) {
        return current().driver().attachDev(current().master(), to);
    }

    private static void mustSucceed(GroupDomain f, int error) {
        if (error != 0) {
            f.group.kernel().warn("__iommu_group_set_domain_nofail", f.current() + ": " + Errno.name(error));
        }
    }
}
