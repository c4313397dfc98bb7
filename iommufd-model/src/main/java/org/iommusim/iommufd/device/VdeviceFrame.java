package org.iommusim.iommufd.device;

import org.iommusim.hw.driver.VirtualIommu;
import org.iommusim.iommufd.object.IommufdCtx;
import org.iommusim.iommufd.object.ObjectPrograms;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Frame;

/** Frame of the programs that take a vDEVICE down. */
final class VdeviceFrame extends Frame {
    /** Cached before the vDEVICE can go away. */
    final IommufdCtx ctx;

    final Vdevice vdev;

    VdeviceFrame(Vdevice vdev) {
        super(vdev.ctx().kernel().world());
        this.vdev = vdev;
        ctx = vdev.ctx();
    }

    Call<?> driverDestroy() {
        vdev.setTornDown();
        VirtualIommu part = vdev.viommu().driverPart().require();
        return part.vdeviceDestroy(vdev.idev().dev().master(), vdev.virtId());
    }

    Call<?> putIdev() {
        return ObjectPrograms.put(vdev.idev());
    }
}
