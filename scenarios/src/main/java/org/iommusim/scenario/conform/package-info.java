/**
 * Replays recorded vectors against the models: what hardware (or a kernel) did is compared with what we do.
 *
 * <p>A file holds one case a line ({@link org.iommusim.scenario.conform.VectorFiles}). The case itself says what it is for;
 * a {@link org.iommusim.scenario.conform.VectorCase} knows how to judge itself, so that vectors of the hardware and of the
 * kernel run side by side. A hardware case is built from nothing but what it records: the device from its identification
 * registers, memory from the recorded machine, then register writes, then steps; after each step the simulation runs until
 * nothing is pending. Vendors are reached through {@link org.iommusim.hw.provider.IommuProvider} and {@link
 * org.iommusim.hw.conform.VectorTarget} only.
 *
 * <p>What counts as right, strictest first:
 *
 * <ul>
 *   <li>the recorded result, every defined bit of it;
 *   <li>in a case that depends on caches: also the result without caches; also an earlier result of the same access, if no
 *       completed command required it to be dropped. A model that drops more than a command asks for must not be the easy way
 *       to pass, so this one is counted as legally stale;
 *   <li>a step for which the check model of the architecture disagrees with what was recorded ({@code arch}) is compared with
 *       the check model and counted apart: known errors of the recorded machine are never copied, and never judged.
 * </ul>
 *
 * <p>Cases run in parallel and share nothing; results come out in the order of the files, the same bytes on every run.
 */
@NullMarked
package org.iommusim.scenario.conform;

import org.jspecify.annotations.NullMarked;
