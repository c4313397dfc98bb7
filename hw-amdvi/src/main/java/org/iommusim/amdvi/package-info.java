/**
 * AMD IOMMU (AMD-Vi): the design page of a device that is still to come.
 *
 * <p>What will stand here, in the rooms that hw-common offers: the device table (256-bit entries, fetched as hardware
 * fetches them), host page tables of 1 to 6 levels, guest tables (the x86-64 format of hw-common) behind a GCR3 table,
 * command buffer, event log and PPR log, the caches with their tags (domain id, PASID), interrupt remapping, and the host
 * driver with its ordering rules.
 *
 * <p>The layouts are there already ({@link org.iommusim.amdvi.spec}), and what is read out of memory: device
 * table entries, host tables, GCR3 entries ({@link org.iommusim.amdvi.format}).
 *
 * <p>Until the device is there the provider makes the name known, and a scenario that asks for it gets one clear line.
 */
@NullMarked
package org.iommusim.amdvi;

import org.jspecify.annotations.NullMarked;
