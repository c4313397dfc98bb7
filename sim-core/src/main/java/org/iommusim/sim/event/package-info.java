/**
 * Events, the lanes that order them, and the choice of which lane goes next.
 *
 * <p>{@link org.iommusim.sim.event.Scheduler} holds the pending events, each on a {@link org.iommusim.sim.event.Lane}. A
 * {@link org.iommusim.sim.event.LaneChoice} picks the lane whose head runs: {@link org.iommusim.sim.event.TimedChoice} the
 * earliest of all (ties by {@link org.iommusim.sim.event.Phase}, then by insertion). In an exploration somebody outside says
 * which lane is next ({@link org.iommusim.sim.event.Scheduler#explore}). The models cannot tell which it is.
 *
 * <p>Behind the timed choice stands an {@link org.iommusim.sim.event.EventQueue}: event numbers ordered by 62-bit keys.
 * {@link org.iommusim.sim.event.NearEventQueue} is the one that runs use: a short sorted table of the nearest keys, in
 * front of a {@link org.iommusim.sim.event.RadixEventQueue} (a monotone radix queue: exact for any delay, stable, no tuning,
 * no allocation). {@link org.iommusim.sim.event.HeapEventQueue} is the plain one that tests compare them with. All keep the
 * order of equal keys that {@link org.iommusim.sim.event.TieOrder} names.
 */
@NullMarked
package org.iommusim.sim.event;

import org.jspecify.annotations.NullMarked;
