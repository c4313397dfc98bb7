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
 *   <li>{@link org.iommusim.scenario.conform.iommufd.Player} carries out one operation. Structures are laid out by {@link
 *       org.iommusim.iommufd.abi}, whose offsets have a test of their own.
 *   <li>{@link org.iommusim.scenario.conform.iommufd.OpJudge} compares, and gives symbols their values.
 *   <li>{@link org.iommusim.scenario.conform.iommufd.RecordedHost} is the machine: memory, kernel, processes, mock devices.
 * </ul>
 *
 * <p>A case ends at its first operation that differs: after that, its symbols mean something else than recorded.
 */
@NullMarked
package org.iommusim.scenario.conform.iommufd;

import org.jspecify.annotations.NullMarked;
