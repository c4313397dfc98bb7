package org.iommusim.iommufd.device;

import org.iommusim.iommufd.pt.HwptPaging;
import org.iommusim.iommufd.pt.IoPagetable;
import org.iommusim.iommufd.pt.IoptReserve;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.world.IntCell;

/**
 * What a group's devices keep out of the address space that they are attached to (device.c, {@code
 * iopt_table_enforce_dev_resv_regions}). Every device reserves for itself. The igroup->lock is held.
 */
final class ReservedIova extends Frame {
    private static final Footprint DEVICES = Footprint.of(IommufdGroup.ATTACH);

    private static final Program<ReservedIova> REMOVE = Program.<ReservedIova>named(
                    "iommufd_group_remove_reserved_iova")
            .step("devices", DEVICES, ReservedIova::begin)
            .loop(
                    "each device",
                    f -> f.index.get() < f.count.get(),
                    b -> b.invoke("iopt_remove_reserved_iova", f -> remove(f.current(), f.paging))
                            .step("next device", HostCost.FREE, Footprint.LOCAL, f -> f.index.add(1)))
            .build();

    private static final Program<ReservedIova> REPLACE = Program.<ReservedIova>named(
                    "iommufd_group_do_replace_reserved_iova")
            .step("devices", DEVICES, ReservedIova::begin)
            .guarded(
                    "reserve",
                    b -> b.loop(
                            "each device",
                            f -> f.index.get() < f.count.get(),
                            c -> c.invoke("iopt_table_enforce_dev_resv_regions", f -> add(f.current(), f.paging))
                                    .step("next device", HostCost.FREE, Footprint.LOCAL, f -> f.index.add(1))),
                    b -> b.invoke("iommufd_group_remove_reserved_iova", f -> new Call<>(REMOVE, f)))
            .build();

    private final IommufdAttach attach;
    private final HwptPaging paging;
    private final IntCell index = count();
    private final IntCell count = count();

    private ReservedIova(IommufdAttach attach, HwptPaging paging) {
        super(paging.ctx().kernel().world());
        this.attach = attach;
        this.paging = paging;
    }

    /** {@code iommufd_device_attach_reserved_iova}: for one device. Errors: EADDRINUSE (something is mapped there). */
    static Call<?> add(Idev idev, HwptPaging paging) {
        HostDevice device = idev.dev();
        return IoptReserve.enforceDevice(iopt(paging), device.driver().getResvRegions(device.master()), device);
    }

    /** {@code iopt_remove_reserved_iova} for one device. */
    static Call<?> remove(Idev idev, HwptPaging paging) {
        return IoptReserve.remove(iopt(paging), idev.dev());
    }

    /** For all devices of an attachment that moves to another address space. Errors as {@link #add}; then for none. */
    static Call<?> addAll(IommufdAttach attach, HwptPaging paging) {
        return new Call<>(REPLACE, new ReservedIova(attach, paging));
    }

    /** Gives back what {@link #addAll} has reserved. */
    static Call<?> removeAll(IommufdAttach attach, HwptPaging paging) {
        return new Call<>(REMOVE, new ReservedIova(attach, paging));
    }

    private static IoPagetable iopt(HwptPaging paging) {
        return paging.ioas().iopt();
    }

    private void begin() {
        index.set(0);
        count.set(attach.deviceArray().items().size());
    }

    private Idev current() {
        return attach.deviceArray().items().get(index.get());
    }
}
