/**
 * The kernel's driver of a VT-d unit ({@code drivers/iommu/intel}), as programs whose steps carry the kernel's names; and the
 * guest kernel's side of a nested setup.
 *
 * <p>{@link org.iommusim.vtd.driver.VtdDriver} is the door. Behind it one class per path: {@code InitDmars}, {@code QiSubmit}
 * (every invalidation goes through it) with {@code QiCheckFault}, {@code ProbeDevice}, {@code ContextMapping} and {@code
 * PasidSetup}/{@code PasidTeardown} (every change of an entry), {@code AllocDomain} and {@code FreeDomain}, {@code AttachDev},
 * {@code SetDevPasid}, {@code CacheTags} and {@code CacheFlush} (which caches may hold a domain's translations, and how they
 * are told), {@code NestedInvalidate}, {@code PrqDrain}, and two interrupt threads, {@code FaultThread} and {@code PrqThread}.
 * Mapping and unmapping is {@link org.iommusim.hw.pgtable} with {@code SsFormat} and {@link org.iommusim.hw.pgtable.X86Format}. {@code IntelIommu} holds
 * what they share. {@code VtdVariants} has the known bugs, {@code VtdGuest} the guest's side.
 *
 * <p>Who may run at the same time, and what keeps them apart:
 *
 * <ul>
 *   <li>Submitters of invalidations: {@code q_lock}, a spinlock that is released between two looks at the wait descriptor's
 *       state, so that any number of them wait at the same time. There is no timeout in software.
 *   <li>Writers of root, context and PASID tables: {@code iommu->lock}, a spinlock. Hardware may be reading an entry at any
 *       moment: P is set last and cleared first, and the rest is cleared when nothing of it can be cached.
 *   <li>The caches of a domain: {@code cache_lock}, a spinlock that is held while what they hold is invalidated.
 *   <li>Attaching against attaching of one device: the core's group lock. Domain ids: {@code did_lock}.
 *   <li>A page request against the removal of its device: {@code iopf_lock}.
 * </ul>
 *
 * <p>Guarantee: when {@code iotlb_sync} has ended, no request that came in while a domain's tags were assigned uses what was
 * unmapped. As in the kernel, the tags of a paging domain are assigned after its entry is set up and taken away before it is
 * torn down; the teardown itself invalidates, but an unmapping that runs between the two finds nothing to invalidate.
 *
 * <p>Differs from the kernel: a domain belongs to one unit; a gather to a domain, not to a caller; page requests are reported
 * to the core one by one and not through a work queue, so that draining has none to flush; the page request queue has one
 * page; every function can do PASIDs if the unit can; what can be found wrong with a domain is found before the old one is
 * taken away; no dirty tracking, SVA, RMRR, kdump, quirks of devices, aliases of bridges, and no suspend. There is a vIOMMU
 * ({@code VtdViommu}), which no kernel has.
 */
@NullMarked
package org.iommusim.vtd.driver;

import org.jspecify.annotations.NullMarked;
