package org.iommusim.amdvi.spec;

import org.iommusim.sim.world.Variable;

/** Names of shared variables on which the device and its driver must agree. */
public final class AmdViVariables {
    /** The registers: what a step declares that reads or writes one. */
    public static final Variable REGISTER = Variable.named("amdvi.register");

    private AmdViVariables() {}
}
