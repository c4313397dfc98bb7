package org.iommusim.iommufd.actor;

import java.util.List;
import org.iommusim.hw.driver.IommuDriver;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.world.IntCell;

/** Brings the machine up: probes the IOMMUs, then plugs the devices that are there from the beginning. */
final class Boot extends Frame {
    private static final Program<Boot> BOOT = Program.<Boot>named("boot")
            .loop(
                    "each IOMMU",
                    f -> f.index.get() < f.drivers.size(),
                    b -> b.invoke(
                            "probe", f -> f.drivers.get(f.index.add(1) - 1).probe()))
            .build();

    private final List<IommuDriver> drivers;
    private final IntCell index = count();

    private Boot(Machine machine, List<IommuDriver> drivers) {
        super(machine.simulation().world());
        this.drivers = List.copyOf(drivers);
    }

    static Call<Boot> call(Machine machine, List<IommuDriver> drivers, List<String> pluggedIn) {
        return new Call<>(BOOT, new Boot(machine, drivers));
    }
}
