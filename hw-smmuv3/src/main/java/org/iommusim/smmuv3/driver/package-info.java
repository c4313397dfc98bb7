/**
 * The kernel's driver of an SMMUv3 ({@code arm-smmu-v3.c}, {@code arm-smmu-v3-iommufd.c}, {@code io-pgtable-arm.c}), as
 * programs whose steps carry the kernel's names; and the guest kernel's side of a nested setup.
 *
 * <p>{@link org.iommusim.smmuv3.driver.Smmuv3Driver} is the door. Behind it one class per path: {@code Probe}, {@code
 * CmdqIssue} (every command goes through it), {@code SteWriter} (every change of a stream table entry), {@code
 * AllocPaging} and {@code FreeDomain}, {@code IotlbSync} (mapping and unmapping is {@link org.iommusim.hw.pgtable} with
 * {@code LpaeFormat}), {@code AttachDev}, {@code CacheInvalidate}, and two interrupt threads, {@code EvtqThread} and {@code GerrorHandler}. {@code ArmSmmu} holds
 * what they share. Tables and queues are real words in memory; the hardware learns of them by registers and commands only.
 *
 * <p>Who may run at the same time, and what keeps them apart:
 *
 * <ul>
 *   <li>Producers of commands: {@code cmdq->lock}, a spinlock from the reservation of entries to the PROD write. Waiting
 *       for completion is outside of it.
 *   <li>Attaching: {@code arm_smmu_asid_lock}, for the whole of it. So only one task at a time writes STEs.
 *   <li>Events against attaching and releasing: {@code streams_mutex}.
 *   <li>Mapping against mapping: nothing but the compare and swap that installs a table; ranges do not overlap, because
 *       the caller sees to that.
 *   <li>The hardware against everybody: 64-bit stores, in an order that never shows a mix, each group followed by the
 *       invalidation and a CMD_SYNC.
 * </ul>
 *
 * <p>Guarantee: when {@code iotlb_sync}, {@code domain_free} or an attach has ended, no transaction uses what they took
 * away, provided that the hardware answered within a second. Otherwise the timeout is reported to the listeners and, as in
 * the kernel, the operation goes on. Only {@code cache_invalidate} hands the error on.
 *
 * <p>Differs from the kernel: the stream table is linear; a stage-1 domain has its one context descriptor itself, instead
 * of each master a table of them (no PASIDs); commands are queued under a lock instead of lock-free; queues have one page;
 * a gather belongs to a domain, not to a caller; no PRI, stalls, dirty tracking, SVA, and no suspend.
 */
@NullMarked
package org.iommusim.smmuv3.driver;

import org.jspecify.annotations.NullMarked;
