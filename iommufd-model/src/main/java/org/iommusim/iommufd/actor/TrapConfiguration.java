package org.iommusim.iommufd.actor;

import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;

/**
 * A VMM begins to follow a guest's configuration entry of a device: until the guest has one, the device may do nothing.
 * Changes that come while the first attach is under way wait for nothing: a scenario has to keep them apart, as a VMM does
 * that plugs a device into its guest only when it is done.
 */
final class TrapConfiguration extends Frame {
    static final Program<TrapConfiguration> PROGRAM = Program.<TrapConfiguration>named("VMM: follow a guest's entry")
            .step("follow", HostCost.LOCAL, Footprint.of(GuestActor.VCPU), f -> f.device.guest.follow(f.device))
            .branch(
                    "attach as it says",
                    Footprint.of(GuestActor.VCPU),
                    f -> true,
                    p -> p.invoke("attach", f -> FollowEntry.call(f.device)))
            .build();

    private final TrappedDevice device;

    private TrapConfiguration(TrappedDevice device) {
        super(device.ctx.kernel().world());
        this.device = device;
    }

    static Call<?> call(TrappedDevice device) {
        return new Call<>(PROGRAM, new TrapConfiguration(device));
    }

    /** True if it is the first device of its guest. */
    boolean isFirst() {
        return device.guest.followed().get(0) == device;
    }
}
