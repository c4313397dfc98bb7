package org.iommusim.scenario.mutate;

import org.iommusim.sim.mutate.Mutant;

/** A mutant and what was found out about it. */
public record JudgedMutant(Mutant mutant, MutantVerdict verdict) {}
