/**
 * The core of iommufd (main.c): contexts, objects, and the primitives that every path is made of.
 *
 * <h2>Counts</h2>
 *
 * An object has two. {@code users} is the graph: the object array itself, then everybody who depends on the object, from an
 * attached device to a child object. {@code wait_cnt} is time: whoever uses the object for the length of a call. Destroying
 * needs {@code users} at exactly 1 and waits for {@code wait_cnt}. A look-up takes both; putting gives both back, {@code
 * users} first, in three steps between which anything may happen.
 *
 * <h2>Entries of the object array</h2>
 *
 * <ul>
 *   <li>free;
 *   <li>reserved: an id that an allocation has taken and not yet published. Look-ups do not see it. Publishing is the last
 *       step of an allocation, aborting its opposite;
 *   <li>live;
 *   <li>tombstone: reserved for ever. The kernel destroyed an object that user space had made and not destroyed; user space
 *       may still use its id, which therefore must not name anything else until the context is gone.
 * </ul>
 *
 * <h2>Destroying</h2>
 *
 * {@code iommufd_object_remove} has two modes. IOMMU_DESTROY unlinks first and then waits for the few instructions that a
 * put may still need. The kernel's own removal ({@link org.iommusim.iommufd.object.ObjectPrograms#destroyUser}) must not
 * fail, so it waits first: it gives its own {@code wait_cnt} up, calls {@code pre_destroy} if others are left, and sleeps
 * until they are gone or 60 s have passed. In Linux 7.3 no wake-up reaches that sleeper: the put wakes interruptible
 * sleepers, and this one is not. It ends at its timer. The policy's {@code wakeReachesWaiter} says what would happen
 * otherwise.
 *
 * <h2>The file</h2>
 *
 * The context is held by its file; the last reference releases it: passes over all objects, each of which destroys what
 * nobody uses, until nothing is left. Since every bound device holds the file, release never meets an unbind.
 *
 * <h2>Checks</h2>
 *
 * A kernel warning is a violation named {@code WARN}, a use of freed memory one named {@code use-after-free}. {@link
 * org.iommusim.iommufd.object.GraphAudit} explains every count of a context that is at rest.
 */
@NullMarked
package org.iommusim.iommufd.object;

import org.jspecify.annotations.NullMarked;
