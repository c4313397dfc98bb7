package org.iommusim.smmuv3.spec;

import org.iommusim.sim.world.Variable;

/** Names of shared variables on which the device and its driver must agree. */
public final class SmmuVariables {
    /**
     * Everything inside the device that a register access may touch. Cells of the device are of variables below this one
     * ({@code smmuv3.device.register} and so on); a step that reads or writes a register declares it.
     */
    public static final Variable DEVICE = Variable.named("smmuv3.device");

    private SmmuVariables() {}
}
