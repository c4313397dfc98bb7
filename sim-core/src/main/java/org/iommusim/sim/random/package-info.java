/**
 * Random numbers that are the same on every machine and in every version of Java.
 *
 * <p>A scenario has one root seed. {@link org.iommusim.sim.random.RandomStreams} gives each consumer a
 * {@link org.iommusim.sim.random.RandomStream} of its own, chosen by the consumer's name, for instance its path
 * {@code nic0.arrivals}. A stream depends only on the root seed and that name: adding a consumer, or letting one draw more
 * often, shifts nobody else, so two runs that differ in one device can be compared request by request.
 *
 * <p>Guarantees: integer arithmetic only; no global or thread-local state; a stream's whole mutable state is one long, which
 * can be saved and put back. The first values of some streams are written down in tests: changing them changes every
 * recorded digest.
 *
 * <p>Streams are not thread-safe and not meant for secrets.
 */
@NullMarked
package org.iommusim.sim.random;

import org.jspecify.annotations.NullMarked;
