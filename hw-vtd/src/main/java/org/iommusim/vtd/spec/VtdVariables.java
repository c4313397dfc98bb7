package org.iommusim.vtd.spec;

import org.iommusim.sim.world.Variable;

/** Names of shared variables on which the device and its driver must agree. */
public final class VtdVariables {
    /** The registers: what a step declares that reads or writes one. */
    public static final Variable REGISTER = Variable.named("vtd.register");

    private VtdVariables() {}
}
