/**
 * Intel VT-d: the design page of a device that is still to come.
 *
 * <p>What will stand here, in the rooms that hw-common offers: root, context and PASID tables in legacy and scalable mode,
 * second-stage tables of 3 to 5 levels, first-stage tables (the x86-64 format of hw-common), queued invalidation with its
 * wait descriptors and error stops, fault recording registers, page requests, device TLB, interrupt remapping, the caches
 * with their tags (domain id, PASID, source id), and the host driver with its sequences.
 *
 * <p>Until then the provider makes the name known, and a scenario that asks for it gets one clear line.
 */
@NullMarked
package org.iommusim.vtd;

import org.jspecify.annotations.NullMarked;
