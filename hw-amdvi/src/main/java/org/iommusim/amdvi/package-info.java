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
 * <p><b>What software talks to</b> is the {@code ControlUnit}: registers, command buffer, event log, PPR log, device TLBs, and
 * two interrupts (that of events and completed waits, that of page requests). It knows what translates only as {@code
 * InvalidationTarget}, and is asked as {@code UnitState} and {@code EventSink}. A write of a register takes effect at once. What
 * each ring does, when it runs and what stops it stands with {@code CommandBuffer}, {@code EventLog} and {@code PprLog}.
 *
 * <p>The buffer carries out commands in order, and moves the head when one is found legal: that head and tail are equal says
 * nothing about completion. Requests to device TLBs and waits are left behind. A COMPLETION_WAIT is complete when what was
 * fetched before it is: requests under way that use what was invalidated are carried out, functions have answered, or
 * InvTimeout is over. In the last case software finds an IOTLB_INV_TIMEOUT in the log, and must not trust the function's TLB;
 * nothing else stops.
 *
 * <p>Where the sources leave a choice, or none was found, this is what the control unit does: rings run only with IommuEn; bases
 * are locked while what they are for is enabled; moving a base does not move head and tail; lengths below 256 entries count as
 * what they say; what stopped a ring lets it go only by its enable becoming 0 and 1, a log moreover only once its overflow bit
 * is 0; switching the buffer off forgets waits that are pending; a store that the bus aborts is lost, as posted writes are; a
 * record that the bus aborts is lost; a condition interrupts when its bit and its enable are both 1 and were not before; MSIs
 * that were never set up among the registers are told as interrupts, because there is no configuration space; both kinds of
 * interrupts use the one MSI; MaxPend limits requests by function, QueueID is not looked at; a page request that PPREn, or the
 * lack of a log, forbids is answered with a failure, one that its device table entry forbids is an event alone; a page request
 * lost in an overflow is never answered, unless automatic answers are enabled; PPRAutoRspAon answers everything and records
 * nothing; MaskGn leaves the PASID out of automatic answers; the coherence and ordering controls have no effect.
 *
 * <p>Never offered, so that their registers read zero and their control bits stay zero: the guest virtual APIC log (GASup means
 * entries of 128 bits alone), second logs, early warnings of overflow, performance counters, hardware error registers, the SMI
 * filter, memory access routing, virtual IOMMUs, secure nested paging.
 */
@NullMarked
package org.iommusim.amdvi;

import org.jspecify.annotations.NullMarked;
