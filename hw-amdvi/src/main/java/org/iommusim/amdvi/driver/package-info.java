/**
 * The kernel's driver of an AMD IOMMU ({@code drivers/iommu/amd}), as programs whose steps carry the kernel's names; and the
 * guest kernel's side of a nested setup.
 *
 * <p>{@link org.iommusim.amdvi.driver.AmdViDriver} is the door. Behind it one class per path: {@code EnableIommu}, {@code
 * QueueCommand} and {@code CompletionWait} (every invalidation goes through them), {@code UpdateDte} (every change of an entry of
 * the device table) with {@code DteTargets}, {@code ProbeDevice}, {@code AllocDomain} and {@code FreeDomain}, {@code AttachDev},
 * {@code FaultQueue} (who may have page requests), {@code SetDevPasid} with {@code Gcr3Tables}, {@code DomainFlush} and {@code IssueCommands} with {@code Flushes} (which commands a
 * change needs), {@code NestedDomain}, {@code NestedInvalidate}, and two interrupt threads, {@code EventThread} and {@code
 * PprThread}. Mapping and unmapping is {@link org.iommusim.hw.pgtable} with {@code V1Format} and {@link
 * org.iommusim.hw.pgtable.X86Format}. {@code AmdIommu} and {@code CommandBuffer} hold what they share. {@code AmdGuest} is the
 * guest's side.
 *
 * <p>Who may run at the same time, and what keeps them apart:
 *
 * <ul>
 *   <li>Who queues commands: {@code iommu->lock}, a spinlock, for one command at a time. The number of a wait is taken and its
 *       command queued without letting go of it; looking for the number needs no lock.
 *   <li>Writers of an entry of the device table: its {@code dte_lock}. Hardware may be reading at any moment.
 *   <li>The devices of a domain: {@code domain->lock}, a spinlock that is held while what they have cached is invalidated, and
 *       waited for. A device is taken out of the list when nothing of it can be cached any more.
 *   <li>Attaching against detaching of one device: {@code dev_data->mutex}, inside the core's group lock.
 *   <li>Which host domain id stands for a guest's: the lock of the vIOMMU's array.
 * </ul>
 *
 * <p>Guarantee: when {@code iotlb_sync} has ended without the message that a wait timed out, no request that came in before uses
 * what was unmapped. With the message there is none: as in the kernel the caller goes on as if hardware had answered.
 *
 * <p>Differs from the kernel: a domain belongs to one unit; a gather to a domain, not to a caller; host tables have 4 levels from
 * the beginning and do not grow; leaves have the sizes of their levels only; a range that hardware may have cached as not present
 * is invalidated in one piece; an entry is cleared but for V where its guest levels change; all commands of a unit end in one
 * buffer; page requests are reported one by one and not through a work queue; a device that leaves a nested domain for the parent
 * of that really does (in 7.3 the parent is still what it is listed under, and nothing happens); attaching a nested domain needs
 * a vDEVICE; what a device with a nested domain has cached goes whenever the parent changes. Paging domains can be attached to
 * PASIDs, which no kernel offers on this hardware. No dirty tracking, SVA, unity maps, kdump, suspend, aliases of bridges, and no
 * interrupt remapping by the driver, so that neither guest mode nor the guest virtual APIC log is switched on.
 */
@NullMarked
package org.iommusim.amdvi.driver;

import org.jspecify.annotations.NullMarked;
