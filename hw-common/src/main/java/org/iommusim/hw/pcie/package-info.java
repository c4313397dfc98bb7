/**
 * The PCIe side: root ports, links, functions with their requester ids, hotplug, and traffic.
 *
 * <p>The way of a DMA: a {@link org.iommusim.hw.pcie.PciFunction} issues it, the link up carries it, the IOMMU of the root
 * port translates it, the data access happens in memory, the link down brings the answer.
 */
@NullMarked
package org.iommusim.hw.pcie;

import org.jspecify.annotations.NullMarked;
