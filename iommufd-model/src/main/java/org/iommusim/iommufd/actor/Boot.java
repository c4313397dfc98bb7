package org.iommusim.iommufd.actor;

import java.util.List;
import org.iommusim.hw.driver.IommuDriver;
import org.iommusim.iommufd.vfio.Hotplug;
import org.iommusim.iommufd.vfio.PciSlot;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.world.IntCell;

/** Brings the machine up: probes the IOMMUs, then plugs the devices that are there from the beginning. */
final class Boot extends Frame {
    private static final Program<Boot> BOOT = Program.<Boot>named("boot")
            .loop(
                    "each IOMMU",
                    f -> f.index.get() < f.drivers.size(),
                    b -> b.invoke("probe", f -> f.drivers.get(f.index.get()).probe())
                            .step("next IOMMU", HostCost.FREE, Footprint.LOCAL, f -> f.index.add(1)))
            .loop(
                    "each device",
                    f -> f.plugged.get() < f.slots.size(),
                    b -> b.invoke("plug", f -> Hotplug.plug(f.slots.get(f.plugged.get())))
                            .step("next device", HostCost.FREE, Footprint.LOCAL, f -> f.plugged.add(1)))
            .build();

    private final List<IommuDriver> drivers;
    private final List<PciSlot> slots;
    private final IntCell index = count();
    private final IntCell plugged = count();

    private Boot(Machine machine, List<IommuDriver> drivers, List<PciSlot> slots) {
        super(machine.simulation().world());
        this.drivers = List.copyOf(drivers);
        this.slots = List.copyOf(slots);
    }

    static Call<Boot> call(Machine machine, List<IommuDriver> drivers, List<PciSlot> slots) {
        return new Call<>(BOOT, new Boot(machine, drivers, slots));
    }
}
