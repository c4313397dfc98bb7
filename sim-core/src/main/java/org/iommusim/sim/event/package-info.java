/**
 * Events in order of time.
 *
 * <h2>The queue</h2>
 *
 * {@link org.iommusim.sim.event.EventQueue} orders event numbers by key and, among equal keys, by
 * {@link org.iommusim.sim.event.TieOrder}. {@link org.iommusim.sim.event.RadixEventQueue} is the one to use: it is exact
 * for any delay without tuning, allocates nothing in steady state, and keeps ties in order without a sequence number.
 * {@link org.iommusim.sim.event.HeapEventQueue} is the oracle it is tested against.
 *
 * <p>Guarantees: the order of polls depends on the calls alone, never on capacity, identity or the machine; a call that
 * throws has changed nothing; looking never changes the order.
 */
@NullMarked
package org.iommusim.sim.event;

import org.jspecify.annotations.NullMarked;
