package org.iommusim.iommufd.device;

import org.iommusim.hw.driver.IommuFault;
import org.iommusim.iommufd.eventq.FaultParam;
import org.iommusim.iommufd.eventq.Iopf;
import org.iommusim.iommufd.eventq.IopfGroup;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.RefCell;
import org.jspecify.annotations.Nullable;

/**
 * Page requests of a device on and off: what drivers do when a domain with a fault handler is attached and detached. Counted
 * per device; the first one adds it to the driver's fault queue, the last one takes it out ({@code iopf_queue_add_device},
 * {@code iopf_queue_remove_device} of io-pgfault.c). Some drivers do that by themselves, whatever handler a domain has. The
 * group->mutex is held.
 */
final class DeviceIopf extends Frame {
    private static final Footprint DRIVER = Footprint.of(HostDevice.IOPF, HostDevice.DEV_IOMMU);
    private static final Footprint COUNT = Footprint.of(HostDevice.IOPF);
    private static final Footprint PARAM = Footprint.of(HostDevice.IOPF, HostDevice.DEV_IOMMU, FaultParam.PARAM);
    private static final Footprint GROUPS = Iopf.GROUP.and(HostDevice.IOPF);

    private static final Program<DeviceIopf> ENABLE = Program.<DeviceIopf>named("enable iopf")
            .attempt(
                    "enable_iopf",
                    HostCost.ATOMIC,
                    DRIVER,
                    f -> f.device.driver().enableIopf(f.device.master()))
            .step(
                    "iopf_refcount++",
                    COUNT,
                    f -> f.count.set(f.device.iopfCount().add(1)))
            .when(
                    "the first",
                    f -> f.count.get() == 1,
                    b -> b.lock("dev_iommu->lock", f -> f.device.iommuLock())
                            .step("iopf_queue_add_device", PARAM, DeviceIopf::addToQueue))
            .build();

    private static final Program<DeviceIopf> DISABLE = Program.<DeviceIopf>named("disable iopf")
            .step(
                    "iopf_refcount--",
                    COUNT,
                    f -> f.count.set(f.device.iopfCount().add(-1)))
            .when("the last", f -> f.count.get() == 0, DeviceIopf::leave)
            .step("disable_iopf", DRIVER, f -> f.device.driver().disableIopf(f.device.master()))
            .build();

    /** The same for drivers that see to the queue by themselves: the first domain or the last one is nothing special. */
    private static final Program<DeviceIopf> ALLOW = Program.<DeviceIopf>named("allow iopf")
            .attempt(
                    "enable_iopf",
                    HostCost.ATOMIC,
                    DRIVER,
                    f -> f.device.driver().enableIopf(f.device.master()))
            .build();

    private static final Program<DeviceIopf> FORGET = Program.<DeviceIopf>named("forget iopf")
            .step("disable_iopf", DRIVER, f -> f.device.driver().disableIopf(f.device.master()))
            .build();

    private static final Program<DeviceIopf> ADD = Program.<DeviceIopf>named("iopf_queue_add_device")
            .lock("dev_iommu->lock", f -> f.device.iommuLock())
            .step("dev->iommu->fault_param = param", PARAM, DeviceIopf::addToQueue)
            .build();

    private static final Program<DeviceIopf> REMOVE = removing();

    private final HostDevice device;
    private final IntCell count = count();
    private final RefCell<FaultParam> param = ref();
    private final RefCell<IopfGroup> group = ref();

    private DeviceIopf(HostDevice device) {
        super(device.kernel().world());
        this.device = device;
    }

    private static Program<DeviceIopf> removing() {
        Program.Builder<DeviceIopf> b = Program.named("iopf_queue_remove_device");
        leave(b);
        return b.build();
    }

    private static void leave(Program.Builder<DeviceIopf> b) {
        b.lock("dev_iommu->lock", f -> f.device.iommuLock())
                .step("dev->iommu->fault_param", PARAM, DeviceIopf::loadParam)
                .lock("fault_param->lock", f -> f.param.require().lock())
                .step("kfree partial faults", GROUPS, f -> f.param.require().dropPartial())
                .step("first of faults", GROUPS, DeviceIopf::firstGroup)
                // Groups that nobody has taken over: their handler is still on its way.
                .loop(
                        "each pending group",
                        f -> f.group.get() != null,
                        c -> c.invokeIgnoringError("page_response", DeviceIopf::respond)
                                .step("list_del_init", GROUPS, DeviceIopf::unlink)
                                .invoke("iopf_free_group", f -> Iopf.free(f.group.require()))
                                .step("next of faults", GROUPS, DeviceIopf::firstGroup))
                .undoNow("fault_param->lock")
                .step("dev->iommu->fault_param = NULL", COUNT, f -> f.device.faultParam(null))
                .step("iopf_put_dev_fault_param", GROUPS, f -> f.param.require().put());
    }

    /** Before a domain with a fault handler is attached. Errors: those of the driver. */
    static Call<?> enable(HostDevice device) {
        return new Call<>(device.driver().ownsFaultQueue() ? ALLOW : ENABLE, new DeviceIopf(device));
    }

    /** After a domain with a fault handler was detached. */
    static Call<?> disable(HostDevice device) {
        return new Call<>(device.driver().ownsFaultQueue() ? FORGET : DISABLE, new DeviceIopf(device));
    }

    /** {@code iopf_queue_add_device}, by a driver. */
    static Call<?> add(HostDevice device) {
        return new Call<>(ADD, new DeviceIopf(device));
    }

    /** {@code iopf_queue_remove_device}, by a driver. */
    static Call<?> remove(HostDevice device) {
        return new Call<>(REMOVE, new DeviceIopf(device));
    }

    private void addToQueue() {
        device.faultParam(new FaultParam(device.kernel(), device.master()));
    }

    private void loadParam() {
        param.set(device.faultParam());
    }

    private void firstGroup() {
        var faults = param.require().faults();
        group.set(faults.isEmpty() ? null : faults.items().get(0));
    }

    private @Nullable Call<?> respond() {
        FaultParam from = param.require();
        return from.master()
                .driver()
                .pageResponse(from.master(), group.require().lastFault(), IommuFault.RESP_INVALID);
    }

    private void unlink() {
        param.require().faults().remove(group.require());
    }
}
