/**
 * Intel VT-d: the device. Beside it, {@code spec} holds the layouts, {@code format} what is read from memory, {@code
 * driver} the kernel's driver, {@code vectors} how recorded results are read.
 *
 * <p><b>The way of a request.</b> {@code RequestPath} admits it (slots, write buffer), takes its beats at the port
 * from the devices, and tells what it is: while translation is off it passes, a write to 0xFEEx_xxxx is an interrupt
 * message and goes to {@code InterruptRemapping}, everything else goes on. {@code ConfigPath} finds its context entry
 * and, in scalable mode, its PASID table entry, in the caches or by {@code ConfigFetch} from memory. {@code
 * Translator} lets it pass, or finds it in the IOTLB, or walks in a walk slot; then the request takes the one port to
 * memory. Every one of these is a {@link org.iommusim.sim.resource.Slots} with a latency; a {@code Flight} carries the
 * request through, on a lane of its own.
 *
 * <p>Requests may leave in the order in which they came ({@code in_order}: reads and writes apart, each order id for
 * itself), and a miss may keep its lookup port until it has a walk slot ({@code blocking_misses}): so the measured machines
 * do it. Without ECAP.C what the unit reads of tables goes past the last-level cache.
 *
 * <p><b>Caches.</b> Context entries are kept by source id, PASID table entries by source id and PASID; both know their
 * domain, for invalidation. The IOTLB is behind them, because it belongs to domains and not to functions: what a
 * second stage alone gives is tagged by domain, what a first stage has a part in by domain and PASID, and a global
 * page of a first stage serves all PASIDs of its domain. So functions of one domain share translations, and a new
 * context entry with an old domain id finds what the old tables gave. The paging-structure caches keep pointers only,
 * for each level and stage; a pointer to a first-stage table under a second stage is kept as a host address.
 *
 * <p>With caching mode (CAP.CM) root, context and PASID entries that are absent or in error are kept as such, and so
 * is what a second stage alone refuses; a first stage is never taken for complete, and what could not be read is read
 * again.
 *
 * <p><b>Who may be stale, and who waits.</b> An invalidation takes effect at one moment, in all caches ({@code
 * Invalidation}); the same moment marks every flight that may use what was invalidated. A marked flight goes on with
 * what it has, but fills nothing. A wait descriptor completes when the marked flights of the invalidations before it
 * are gone, and a flight ends only when its access has been carried out in memory. Of an IOTLB invalidation this holds
 * for the kinds of access that it drains (DR, DW; units of version 2 and later drain both, whatever they say); the
 * others may come later. A large page goes only if all of it is named, as software has to do ({@code
 * partial_invalidation}: or any part). A flight whose domain is not known yet is met by any invalidation.
 *
 * <p><b>Faults.</b> {@code FaultReport} makes records of what the decoders and the walk found, unless an entry on the
 * way asks for silence about qualified faults (FPD in context, PASID directory and PASID table entry; it counts in
 * entries that are absent or in error, too). An IOTLB entry that forbids an access counts as a miss, so that the walk
 * says what the fault is.
 *
 * <p><b>ATS.</b> {@code AtsUnit}: translation requests go past the IOTLB, because they ask for more than one access.
 * What software has not mapped so is an answer that grants nothing, and no fault; what is not there or not allowed on
 * the way to the tables is an Unsupported Request, what is in error or cannot be read a Completer Abort, and both are
 * recorded. Translated requests need their context entry alone. A page request needs its configuration first, like any
 * request.
 *
 * <p><b>Interrupts.</b> {@code InterruptRemapping} lets a message pass, blocks it, or finds its entry in the interrupt
 * entry cache or in memory; {@code InterruptEntry} of {@code format} says what leaves. An invalidation of entries waits
 * for the messages that use them, as others do for flights. {@code MessageOrder} keeps a message behind the older writes
 * of its function.
 *
 * <p><b>What software talks to</b> is the {@code ControlUnit}: registers, the invalidation queue, fault records, the
 * page request queue, and three interrupts. It knows what translates only as {@code InvalidationTarget}. Commands of
 * GCMD, CCMD and IOTLB take effect some cycles after the write. RTADDR and IRTA count as they were when a command took
 * them over. TE and IRE change at one moment, and their status follows when what was under way before is through; with
 * scalable mode, translation forgets all it has cached when it goes off. Commands of CCMD and IOTLB are for legacy
 * mode without a queue, and units of version 6 have none.
 *
 * <p>The queue carries out descriptors in order, and moves IQH when one is found legal: that IQH is at IQT says
 * nothing about completion. Requests to device TLBs and waits are left behind ({@code AtcInvalidations}, {@code
 * PendingWaits}); a wait is complete when what was fetched before it is, and waits for nothing later. It holds what is
 * left of what it waits for: tags of requests, and counts, from the oldest on, of page requests and of promises. A
 * device TLB that does not answer in time (ITE) aborts all pending waits, also those that had nothing to do with it,
 * and IQH does not go back; software learns of it behind a status write that is on its way. Software has to submit
 * again whatever it had been waiting for, and gets the same end as long as the device is silent. With {@code
 * devtlb_timeout_us} of 0 the device is waited for for ever, and when the tags are used up the queue stands still.
 *
 * <p>Where the specification leaves a choice, or no source was found, this is what the unit does: invalidation by
 * register ends at once, and says that nothing was done, while the queue is enabled; a descriptor with an error is
 * tried again when IQE is cleared (QEMU waits for the next write of IQT: {@code iq_retry_at_tail}); a status address
 * beyond memory is an error of the wait descriptor, found when it is fetched; a status write that the bus aborts is
 * lost; a request to the device TLB of a function that is not there times out; drain flags count for reads and writes
 * apart; without DWD and DRD nothing is drained; the queue may be switched off while translation is on, and pending
 * waits are forgotten then; a write-buffer flush only takes time, because there is no write buffer; PFSID is not
 * looked at, MIP limits requests by function; page stream responses do not exist; protected memory is blocked only
 * while translation is off; an event's message to the interrupt range is not remapped and is told as an interrupt, one
 * to memory is written there; while PRO is set the last request of a group is answered with a success and the others
 * are dropped; PPR, and its event, are for the last request of a group.
 *
 * <p>And in the pipeline: the guest address width is checked behind the context entry, so that FPD can silence it; a
 * table mode that is reserved, or that the unit does not have, is reason 0x30, abort mode is 0x33, and neither can be
 * silenced; a read of the interrupt range, and a translation request for it, is refused without a record; requests
 * with PASID may use any address, and no request reaches the interrupt range by translation: a page that overlaps it
 * is refused as a whole, as in QEMU ({@code interrupt_range_pages}); in scalable mode a domain-selective context
 * invalidation drops all context entries; a context invalidation leaves the PASID cache alone; an absent PASID entry
 * is forgotten whatever domain is named; PASID-based IOTLB invalidations always drain, and so do those of context and
 * PASID cache; a page-selective IOTLB invalidation drops every translation of the domain that a first stage had a part
 * in; pass-through is not kept in the IOTLB; while translation is off there is no device TLB: translation requests are
 * unsupported, translated requests are aborted.
 *
 * <p>What a unit offers is held against what the model can do when it is made ({@code Capabilities}): advanced fault
 * logging, posted interrupts, enhanced commands, invalidation throttling, virtual commands and
 * performance monitoring are never offered, and a program that uses them finds their registers reading zero. With memory
 * types (ECAP.MTS) all memory counts as write-back for want of MTRRs.
 *
 * <p>Any access of the unit to memory can be made to fail: {@link org.iommusim.hw.walk.BusFaults}. What is in flight
 * is held in plain fields; registers, caches and memory are cells. Intel publishes neither the sizes of caches nor
 * cycles: what the parameters have from measurements says so, everything else is uncalibrated.
 */
@NullMarked
package org.iommusim.vtd;

import org.jspecify.annotations.NullMarked;
