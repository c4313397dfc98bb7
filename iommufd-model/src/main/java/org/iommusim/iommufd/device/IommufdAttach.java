package org.iommusim.iommufd.device;

import org.iommusim.iommufd.object.CellList;
import org.iommusim.iommufd.pt.HwPagetable;
import org.iommusim.sim.world.Identified;
import org.iommusim.sim.world.RefCell;
import org.iommusim.sim.world.World;

/** What a group, or one PASID of it, is attached to and by which devices ({@code struct iommufd_attach}). */
final class IommufdAttach implements Identified {
    private final int pasid;
    private final long instance;
    private final RefCell<HwPagetable> hwpt;
    private final CellList<Idev> deviceArray;

    IommufdAttach(World world, int pasid) {
        this.pasid = pasid;
        instance = world.nextInstance();
        hwpt = new RefCell<>(world, IommufdGroup.ATTACH, instance);
        deviceArray = new CellList<>(world, IommufdGroup.ATTACH);
    }

    /** Which PASID; {@link PasidArray#NO_PASID} for the group itself. */
    int pasid() {
        return pasid;
    }

    /** {@code attach->hwpt}; {@code null} inside until the first device is attached. */
    RefCell<HwPagetable> hwpt() {
        return hwpt;
    }

    /** {@code attach->device_array}: the devices that were attached one by one. */
    CellList<Idev> deviceArray() {
        return deviceArray;
    }

    @Override
    public long stableId() {
        return instance;
    }
}
