package org.iommusim.smmuv3.spec;

import org.iommusim.sim.world.Variable;

/** Names of shared variables on which the device and its driver must agree. */
public final class SmmuVariables {
    /** The registers: what a step declares that reads or writes one. */
    public static final Variable REGISTER = Variable.named("smmuv3.register");

    private SmmuVariables() {}
}
