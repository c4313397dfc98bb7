package org.iommusim.hw.driver;

import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.world.Variable;

/**
 * What a vCPU does at a guest's command that a configuration entry has changed, and at the synchronization behind it: if the
 * VMM wants to know of that device, it runs the VMM, and the guest goes on when that is done.
 */
public interface ConfigurationTrap {
    /** What {@link #armed} looks at, for the footprints of a guest driver's steps. */
    Footprint ARMED = Footprint.of(Variable.named("guest.vcpu"));

    /** True if the VMM wants to know. */
    boolean armed(long virtualId);

    /** The VMM's part; only if {@link #armed}. The guest goes on whatever comes of it. */
    Call<?> changed(long virtualId);
}
