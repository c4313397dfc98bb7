/**
 * Queues to user space (eventq.c): I/O page faults that it answers, and events of its vIOMMUs. With the part of the IOMMU
 * core's io-pgfault.c that both the core and the queues need.
 *
 * <h2>The way of a page fault</h2>
 *
 * A driver reports page requests to the core. Requests that are not the last of their group wait in the device's {@link
 * org.iommusim.iommufd.eventq.FaultParam}; the last one makes an {@link org.iommusim.iommufd.eventq.IopfGroup}, which has the
 * {@link org.iommusim.iommufd.eventq.AttachHandle} of the attachment that it came through. The handler of the HWPT's {@link
 * org.iommusim.iommufd.eventq.Fault} takes the group over from the core and queues it; read() gives it a cookie, and write()
 * answers the cookie.
 *
 * <p>Who answers a group is decided by who takes it out of the list that it is in, under that list's lock:
 *
 * <ul>
 *   <li>the core's list of pending groups, under {@code fault_param->lock}: a device that leaves its fault queue answers what
 *       is still there. The handler takes its group out before it queues it;
 *   <li>{@code deliver}, under the queue's spinlock: read() or an automatic answer;
 *   <li>{@code response}, under the fault mutex: write() or an automatic answer.
 * </ul>
 *
 * <p>A group is found through its handle without any reference. A detach switches the domain first, then answers all groups
 * of its handle, then frees the handle. What it cannot see is a report that has found the handle and not queued its group
 * yet: drivers must drain theirs in between. One that does not makes the handler touch a freed handle.
 *
 * <h2>Events of a vIOMMU</h2>
 *
 * A driver's interrupt thread looks up the {@link org.iommusim.iommufd.eventq.Veventq} of a type under {@code
 * veventqs_rwsem}, which keeps the queue from being destroyed. Every event takes a sequence number, also one for which there
 * is no room; then a marker at the end of the list says so.
 *
 * <h2>Files</h2>
 *
 * A queue's file holds the queue and the context. Its release drops the queue first, after which only the context may be
 * touched: IOMMU_DESTROY can free the queue at once.
 */
@NullMarked
package org.iommusim.iommufd.eventq;

import org.jspecify.annotations.NullMarked;
