package org.iommusim.iommufd.selftest;

import org.iommusim.iommufd.device.DeviceAttach;
import org.iommusim.iommufd.device.DeviceBind;
import org.iommusim.iommufd.device.HostDevice;
import org.iommusim.iommufd.device.Idev;
import org.iommusim.iommufd.device.IommuCore;
import org.iommusim.iommufd.object.IommufdCtx;
import org.iommusim.iommufd.object.IommufdObject;
import org.iommusim.iommufd.object.ObjectType;
import org.iommusim.iommufd.object.ReferenceSink;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.world.RefCell;
import org.iommusim.sim.world.Variable;
import org.jspecify.annotations.Nullable;

/**
 * The driver of a mock device as an object ({@code struct selftest_obj}, "stdev"): what VFIO is for a real device. User space
 * destroys it, and the device goes with it.
 */
public final class SelftestObject extends IommufdObject {
    /** The variable of what devices these objects drive. */
    static final Variable IDEV = Variable.named("iommufd.selftest.idev");

    private static final Program<Destroy> DESTROY = Program.<Destroy>named("iommufd_selftest_destroy")
            .invoke("iommufd_device_detach", f -> DeviceAttach.detach(f.object.idev.require(), DeviceAttach.NO_PASID))
            .invokeIgnoringError("iommufd_device_unbind", f -> DeviceBind.unbind(f.object.idev.require()))
            .invoke("mock_dev_destroy", f -> IommuCore.releaseDevice(f.object.device.require()))
            .build();

    private final RefCell<Idev> idev;
    private final RefCell<HostDevice> device;

    SelftestObject(IommufdCtx ctx) {
        super(ctx, ObjectType.SELFTEST);
        var world = ctx.kernel().world();
        idev = new RefCell<>(world, IDEV, stableId());
        device = new RefCell<>(world, IDEV, stableId() + (1L << 40));
    }

    /** {@code sobj->idev.mock_dev}; empty until the device was made. */
    RefCell<HostDevice> device() {
        return device;
    }

    /** {@code sobj->idev.idev}; empty until the device was bound. */
    RefCell<Idev> idev() {
        return idev;
    }

    @Override
    public Call<?> destroy() {
        return new Call<>(DESTROY, new Destroy(this));
    }

    /** {@code iommufd_object_abort}: whoever made it takes the device back himself. */
    @Override
    public @Nullable Call<?> abort() {
        return null;
    }

    @Override
    public String detail() {
        return "";
    }

    /** It holds the device, which counts its driver itself. */
    @Override
    public void holds(ReferenceSink sink) {}

    private static final class Destroy extends Frame {
        private final SelftestObject object;

        Destroy(SelftestObject object) {
            super(object.ctx().kernel().world());
            this.object = object;
        }
    }
}
