package org.iommusim.iommufd.device;

import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.driver.FaultCore;
import org.iommusim.hw.driver.IommuDomain;
import org.iommusim.hw.driver.IommuFault;
import org.iommusim.hw.driver.IommuMaster;
import org.iommusim.iommufd.eventq.AttachHandle;
import org.iommusim.iommufd.eventq.FaultParam;
import org.iommusim.iommufd.eventq.Iopf;
import org.iommusim.iommufd.eventq.IopfDomain;
import org.iommusim.iommufd.eventq.IopfGroup;
import org.iommusim.iommufd.eventq.IopfHandler;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Lock;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.RefCell;
import org.jspecify.annotations.Nullable;

/** {@code iommu_report_device_fault} of io-pgfault.c: from a driver's page request to whoever is attached with a handler. */
final class DeviceFaults extends Frame {
    static final Footprint PARAM = Footprint.of(HostDevice.IOPF, HostDevice.DEV_IOMMU, FaultParam.PARAM);

    static final Program<DeviceFaults> REPORT = Program.<DeviceFaults>named("iommu_report_device_fault")
            // Nothing holds the handle: whoever detaches must make the driver drain before it is freed.
            .step(
                    "find_fault_handler",
                    HostCost.ATOMIC,
                    IopfDomain.ACCESS.and(PasidArray.PASIDS, AttachHandle.HANDLE, HostDevice.DEV_IOMMU),
                    DeviceFaults::findHandler)
            .when(
                    "no handler",
                    f -> f.handle.get() == null,
                    b -> b.invokeIgnoringError("iopf_error_response", f -> f.respond(IommuFault.RESP_INVALID))
                            .finish("not handled", f -> Errno.EINVAL))
            .step("iopf_get_dev_fault_param", PARAM, DeviceFaults::getParam)
            .when(
                    "no fault_param",
                    f -> f.param.get() == null,
                    b -> b.step(
                                    "WARN_ON",
                                    HostCost.FREE,
                                    Footprint.LOCAL,
                                    f -> f.device
                                            .kernel()
                                            .warn("iommu_report_device_fault", f.device + " is not on a fault queue"))
                            .invokeIgnoringError("iopf_error_response 2", f -> f.respond(IommuFault.RESP_INVALID))
                            .finish("not on a queue", f -> Errno.EINVAL))
            .when(
                    "not the last of its group",
                    f -> (f.fault.flags() & IommuFault.LAST_PAGE) == 0,
                    b -> b.lock(
                                    "fault_param->lock for partial",
                                    f -> f.param.require().lock())
                            .step(
                                    "list_add partial",
                                    HostCost.ALLOCATE,
                                    PARAM,
                                    f -> f.param.require().addPartial(f.fault))
                            .undoNow("fault_param->lock for partial")
                            .step(
                                    "iopf_put_dev_fault_param",
                                    PARAM,
                                    f -> f.param.require().put())
                            .succeed("no answer yet"))
            .lock("fault_param->lock", f -> f.param.require().lock())
            .step("iopf_group_alloc", HostCost.ALLOCATE, Iopf.GROUP, DeviceFaults::makeGroup)
            .undoNow("fault_param->lock")
            .when(
                    "no memory for the group",
                    f -> f.error.get() != 0,
                    b -> b.invoke(
                                    "iopf_group_response",
                                    f -> Iopf.respondAndFree(f.group.require(), IommuFault.RESP_FAILURE))
                            .succeed("aborted"))
            .invoke("iopf_handler", f -> IopfHandler.call(f.group.require()))
            .build();

    private final HostDevice device;
    private final IommuFault fault;
    private final RefCell<AttachHandle> handle = ref();
    private final RefCell<FaultParam> param = ref();
    private final RefCell<IopfGroup> group = ref();
    private final IntCell error = count();

    private DeviceFaults(HostDevice device, IommuFault fault) {
        super(device.kernel().world());
        this.device = device;
        this.fault = fault;
    }

    /** Where the driver of a device reports its page requests. Error: EINVAL (nobody handles it; it is answered). */
    static FaultCore of(HostDevice device) {
        return new FaultCore() {
            @Override
            public Call<?> reportDeviceFault(IommuMaster master, IommuFault fault) {
                return new Call<>(REPORT, new DeviceFaults(device, fault));
            }

            @Override
            public Call<?> queueAddDevice(IommuMaster master) {
                return DeviceIopf.add(device);
            }

            @Override
            public Call<?> queueRemoveDevice(IommuMaster master) {
                return DeviceIopf.remove(device);
            }
        };
    }

    /** Held while a request is reported, by a kernel that waits for reports in flight. */
    Lock inFlight() {
        return device.iommuLock();
    }

    /** True if the device is on no fault queue. */
    boolean offQueue() {
        return device.faultParam() == null;
    }

    /** Answers the request INVALID. */
    Call<?> respondInvalid() {
        return respond(IommuFault.RESP_INVALID);
    }

    /**
     * A PASID that the kernel has not attached may still be one that user space attached by its own PASID table: then the
     * nested domain of the requester id gets its faults.
     */
    private void findHandler() {
        PasidArray pasids = device.group().pasids();
        AttachHandle found;
        if ((fault.flags() & IommuFault.PASID_VALID) == 0) {
            found = pasids.load(PasidArray.NO_PASID);
        } else {
            found = pasids.load(fault.pasid());
            if (found == null && device.driver().userPasidTable()) {
                found = nested(pasids.load(PasidArray.NO_PASID));
            }
        }
        handle.set(GroupDomain.hasHandler(found) ? found : null);
    }

    private static @Nullable AttachHandle nested(@Nullable AttachHandle handle) {
        return handle != null && handle.domain().iommuDomain().type() == IommuDomain.Type.NESTED ? handle : null;
    }

    private void getParam() {
        FaultParam found = device.faultParam();
        param.set(found != null && found.get() ? found : null);
    }

    /** Without memory the group is made all the same, on the stack: it must be answered. */
    private void makeGroup() {
        group.set(param.require().group(fault, handle.require()));
        error.set(device.kernel().faults().errno("iommu_report_device_fault", "iopf_group_alloc"));
    }

    private Call<?> respond(int code) {
        IommuMaster master = device.master();
        return master.driver().pageResponse(master, fault, code);
    }
}
