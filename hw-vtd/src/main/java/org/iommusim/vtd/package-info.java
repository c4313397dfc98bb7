/**
 * Intel VT-d: the device. Beside it, {@code spec} holds the layouts, {@code format} what is read from memory, {@code
 * driver} the kernel's driver, {@code vectors} how recorded results are read.
 *
 * <p><b>What software talks to</b> is the {@code ControlUnit}: registers, the invalidation queue, fault records, the
 * page request queue, and three interrupts. It knows what translates only as {@code InvalidationTarget}. Commands of
 * GCMD, CCMD and IOTLB take effect some cycles after the write. RTADDR and IRTA count as they were when a command took
 * them over.
 *
 * <p>The queue carries out descriptors in order, and moves IQH when one is found legal: that IQH is at IQT says nothing
 * about completion. Requests to device TLBs and waits are left behind ({@code AtcInvalidations}, {@code PendingWaits});
 * a wait is complete when what was fetched before it is, and waits for nothing later. It holds what is left of what it
 * waits for: tags of requests, and counts, from the oldest on, of page requests and of promises. A device TLB that does
 * not answer in time (ITE) aborts all pending waits, also those that had nothing to do with it, and IQH does not go
 * back; software learns of it behind a status write that is on its way. Software has to submit again whatever it had
 * been waiting for, and gets the same end as long as the device is silent. With {@code devtlb_timeout_us} of 0 the
 * device is waited for for ever, and when the tags are used up the queue stands still.
 *
 * <p>Where the specification leaves a choice, or no source was found, this is what the unit does: invalidation by
 * register ends at once, and says that nothing was done, while the queue is enabled; a descriptor with an error is
 * tried again when IQE is cleared (QEMU waits for the next write of IQT: {@code iq_retry_at_tail}); a status address
 * beyond memory is an error of the wait descriptor, found when it is fetched; a status write that the bus aborts is
 * lost; a request to the device TLB of a function that is not there times out; drain flags count for reads and writes
 * apart; without DWD and DRD nothing is drained; the queue may be switched off while translation is on, and pending
 * waits are forgotten then; a write-buffer flush only takes time, because there is no write buffer; PFSID is not looked
 * at, MIP limits requests by function; page stream responses do not exist; protected memory is blocked only while
 * translation is off; an event's message to the interrupt range is not remapped and is told as an interrupt, one to
 * memory is written there; while PRO is set the last request of a group is answered with a success and the others are
 * dropped; PPR, and its event, are for the last request of a group.
 */
@NullMarked
package org.iommusim.vtd;

import org.jspecify.annotations.NullMarked;
