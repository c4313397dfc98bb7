/**
 * The mutable state of a simulated world, kept in cells that can be watched, hashed and undone.
 *
 * <p>Everything that an exploration must see (kernel objects, frames of programs, registers, memory pages, queue
 * indices, cache entries, pending events) lives in cells of one {@link org.iommusim.sim.world.World}. While journaling
 * is off a cell is a plain field behind one well predicted branch. While it is on, each write
 *
 * <ul>
 *   <li>logs its undo, so that {@link org.iommusim.sim.world.World#undoTo} can take the world back to an earlier mark;
 *   <li>updates an incremental hash: the sum over all cells of a mix of (cell key, index, value). A cell whose value is
 *       zero or null adds nothing, so a new cell changes no hash until it is written;
 * </ul>
 *
 * and while a {@link org.iommusim.sim.world.FootprintRecorder} is attached each read and write tells it the variable.
 *
 * <p>A {@link org.iommusim.sim.world.Variable} is the class of a cell ({@code viommu.vdevs}), the cell's instance is one
 * object's ({@code viommu 3}). Programs declare variables; footprints are recorded per cell and compared with that.
 * Variables that must not enter the hash (times, statistics, recency) say so once, where they are declared.
 *
 * <p>A world belongs to one simulation and one Java thread.
 */
@NullMarked
package org.iommusim.sim.world;

import org.jspecify.annotations.NullMarked;
