/**
 * Checkers that know only tasks, locks and wait queues.
 *
 * <ul>
 *   <li>{@link org.iommusim.sim.program.check.SleepInAtomic}: nobody sleeps with a spinlock held;
 *   <li>{@link org.iommusim.sim.program.check.LockOrder}: no two classes of locks are taken in both orders;
 *   <li>{@link org.iommusim.sim.program.check.LockHeldAtExit}: a task that has finished holds no lock;
 *   <li>{@link org.iommusim.sim.program.check.Deadlock}: no tasks wait for each other's locks;
 *   <li>{@link org.iommusim.sim.program.check.UnboundedWait}: at the end nobody waits for something that cannot come;
 *   <li>{@link org.iommusim.sim.program.check.LostWakeup}: nobody sleeps to the end of a timer although the condition holds.
 * </ul>
 *
 * <p>They are attached to {@link org.iommusim.sim.program.Checkers} and judge in the event that they hear of.
 */
@NullMarked
package org.iommusim.sim.program.check;

import org.jspecify.annotations.NullMarked;
