/**
 * Runs a scenario once, in simulated time, and keeps what reports need.
 *
 * <p>{@link org.iommusim.scenario.run.ScenarioMachine} puts the machine together; {@link
 * org.iommusim.scenario.run.Runner} lets it run until nothing is left to happen or a limit is reached; a collector listens.
 * Per DMA request it adds to histograms and to the digest and keeps nothing else, so that a run of millions of requests
 * needs no more room than one of a hundred. The {@link org.iommusim.scenario.run.RunResult} is all that any output shows.
 *
 * <p>Some things must hold in every run and are judged with the scenario's own expectations: every step answers as its
 * script says; and unless the scenario expects another number, no check reports a violation and every actor comes to the
 * end of its script.
 *
 * <p>A run ends when no event is left. Traffic without a count stops when every actor has finished. A run in which no step
 * ends for a long simulated time is ended too, because an actor may wait for something that a timer keeps asking for.
 */
@NullMarked
package org.iommusim.scenario.run;

import org.jspecify.annotations.NullMarked;
