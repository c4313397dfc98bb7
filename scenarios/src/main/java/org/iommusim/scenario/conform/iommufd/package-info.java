/**
 * Replays vectors that were recorded from a real kernel's /dev/iommu with its mock IOMMU.
 *
 * <p>The case is played as the recorded program did it: a simulated process opens /dev/iommu, writes the bytes of each
 * structure into its own simulated memory, makes the system call, runs until it returns, and reads the structure back.
 * Nothing here knows an object of iommufd other than through its file descriptors; only the audit of references, and what
 * {@code --verbose} shows, look behind them.
 *
 * <ul>
 *   <li>{@link org.iommusim.scenario.conform.iommufd.VectorOpReader} reads a case; what it does not know is bad input.
 *   <li>{@link org.iommusim.scenario.conform.iommufd.Layouts} says how structures look in user memory. They are not those of
 *       the models: an error in one must not hide behind the same error in the other.
 *   <li>{@link org.iommusim.scenario.conform.iommufd.Player} carries out one operation, {@link
 *       org.iommusim.scenario.conform.iommufd.Expected} compares.
 *   <li>{@link org.iommusim.scenario.conform.iommufd.RecordedHost} is the machine: memory, kernel, processes, mock devices.
 * </ul>
 *
 * <p>A case ends at its first operation that differs: after that, its symbols mean something else than recorded.
 */
@NullMarked
package org.iommusim.scenario.conform.iommufd;

import org.jspecify.annotations.NullMarked;
