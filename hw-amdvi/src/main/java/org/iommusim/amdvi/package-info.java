/**
 * AMD IOMMU (AMD-Vi): the device. Beside it, {@code spec} holds the layouts, {@code format} what is read from memory, {@code
 * driver} the kernel's driver, {@code vectors} how recorded results are read.
 *
 * <p><b>The way of a request.</b> {@link org.iommusim.hw.pipeline.RequestPath} takes it in; while IommuEn is 0 it passes.
 * {@code DtePath} finds the device table entry of its function, in the cache or in memory: 256 bits, read at one moment, so
 * that a driver that stores less than 128 bits at a time shows what was never meant. {@code Admission} lets the request pass,
 * refuses it, or has it translated: V, addresses that are not those of memory ({@code SpecialRanges}), whether the function
 * may have a TLB of its own, TV, the exclusion range, PASID. What is to be translated goes the {@link
 * org.iommusim.hw.pipeline.TranslationPath} of {@code Translator}: IOTLB, or a walk slot, where guest tables begin with the
 * GCR3 table ({@code Gcr3Path}). What the entry's IR and IW forbid is told last: first the tables are asked whether there is a
 * page, and nothing is kept of that. Each of these is a {@link org.iommusim.sim.resource.Slots} with a latency, as in every
 * unit of this pipeline; a {@code Flight} carries the request through, on a lane of its own. A page request needs its device
 * table entry first, and an interrupt message too.
 *
 * <p><b>Caches.</b> Device table entries by DeviceID, valid or not, as software has to tell of every change; illegal ones are
 * not kept. The IOTLB is behind them: what host tables alone give is tagged by DomainID, what guest tables have a part in by
 * DomainID and PASID, with PASID 0 for requests without. The device table entry's own IR and IW are not in it, because
 * functions of one domain share its entries; functions whose guest tables differ must not share tags, or they get each other's
 * translations. GCR3 entries are kept by the same tags, pointers to tables in the page-directory caches; a pointer to a guest
 * table is kept as a host address. With NpCache it is kept, too, that a page is not there, unless a guest's tables under host
 * tables say so, whose owner was told of another unit.
 *
 * <p><b>Who may be stale, and who waits.</b> A command takes effect at one moment, in all caches ({@code Invalidation}), and
 * marks every flight that may use what it ends. A marked flight goes on with what it has, but fills nothing, and a
 * COMPLETION_WAIT behind the command completes when it is gone: when its access has been carried out in memory.
 * INVALIDATE_DEVTAB_ENTRY leaves translations to their domain. INVALIDATE_IOMMU_PAGES without GN drops host pages that its
 * range touches, and everything of the domain that went through guest and host tables, because nothing tells through which
 * host pages; with GN, guest pages of one PASID. Pointers and GCR3 entries need PDE, but those that were found through host
 * tables are the result of a leaf there, and go without.
 *
 * <p><b>Pages that are fetched ahead</b> ({@code Prefetches}) are flights like others, but none of a device's: they are not
 * admitted, and end where a request would leave. They are read for nobody, so that nobody is told what is wrong with them.
 *
 * <p><b>Events.</b> {@code FaultReport}: page faults are silent with SA, and with SE after the first since the device table
 * entry was read; other events always come. An IOTLB entry that forbids an access counts as a miss, so that the walk says what
 * is wrong. Page faults in guest tables, and in host tables under them, tell the address and PASID of the request.
 *
 * <p><b>ATS.</b> Translation requests go past the IOTLB, because they ask for more than one access. What is not mapped, or not
 * allowed, is an answer that grants nothing and no event; what is in error or cannot be read is a Completer Abort with an
 * event; what the entry does not let the function ask is an Unsupported Request and INVALID_DEVICE_REQUEST. Translated
 * requests need I alone.
 *
 * <p><b>Interrupts of functions.</b> {@code InterruptRemapping} lets a message pass, blocks it, or finds its entry ({@link
 * org.iommusim.hw.pipeline.InterruptEntries}) by what the device table entry says; entries are cached by DeviceID and index.
 * The unit's own messages do not come this way. An entry in guest mode lets nothing leave: {@code GuestInterrupts} sets a bit in
 * a virtual APIC in memory, reads the entry again, and tells the processor on which the guest runs, or the {@code GaLog}, or
 * interrupts a processor in place of that.
 *
 * <p>Where the sources leave a choice, or none was found, this is what the pipeline does: a PASID without guest tables is an
 * INVALID_DEVICE_REQUEST of type 0, a PASID beyond PASMax or the GCR3 table a page fault; requests without PASID are those of
 * users, and without USSup all are; the type codes of INVALID_DEVICE_REQUEST are those of the illumos driver; with a PASID no
 * address is special; of the HyperTransport range only system management and port I/O are told apart, what is below them
 * counts as reserved interrupts, and the rest as system management that nobody may use; INTx messages do not exist; a
 * translated page may lie anywhere; the exclusion range is checked by a request's first byte; global pages of guest tables
 * belong to their PASID alone; an invalidation of any part of a large page drops all of it ({@code whole_domain_invalidation}:
 * everything of the domain, as QEMU has it); segments are told apart by the upper bits of the DeviceID; HADUpdate of the
 * control register is reserved, HAD of the entry alone counts, because the kernel's driver leaves the field 0 and counts dirty
 * pages; V2HDDisSup stands for GDUpdateDis, GAUpdateDisSup for GAUpdateDis, and each of them for its flag alone; PPR of the
 * device table entry counts with EPHEn; memory attributes are carried but mean nothing, for all memory is coherent.
 *
 * <p><b>What software talks to</b> is the {@code ControlUnit}: registers, command buffer, event log, PPR log, guest virtual
 * APIC log, device TLBs, and three interrupts (that of events and completed waits, that of page requests, that of guests). It
 * knows what translates only as {@code InvalidationTarget}, and is asked as {@code UnitState} and {@code EventSink}. A write
 * of a register takes effect at once. What each ring does, when it runs and what stops it stands with {@code CommandBuffer},
 * {@code EventLog}, {@code PprLog} and {@code GaLog}.
 *
 * <p>The buffer carries out commands in order, and moves the head when one is found legal: that head and tail are equal says
 * nothing about completion. Requests to device TLBs and waits are left behind. A COMPLETION_WAIT is complete when what was
 * fetched before it is: requests under way that use what was invalidated are carried out, functions have answered, or
 * InvTimeout is over. In the last case software finds an IOTLB_INV_TIMEOUT in the log, and must not trust the function's TLB;
 * nothing else stops.
 *
 * <p>Where the sources leave a choice, or none was found, this is what the control unit does: rings run only with IommuEn;
 * bases are locked while what they are for is enabled; moving a base does not move head and tail; lengths below 256 entries
 * count as what they say; what stopped a ring lets it go only by its enable becoming 0 and 1, a log moreover only once its
 * overflow bit is 0; switching the buffer off forgets waits that are pending; a store that the bus aborts is lost, as posted
 * writes are; a record that the bus aborts is lost; a condition interrupts when its bit and its enable are both 1 and were not
 * before, and EventLogInt is set only with EventIntEn; MSIs that were never set up among the registers are told as interrupts,
 * because there is no configuration space; all kinds of interrupts use the one MSI; MaxPend limits requests by function,
 * QueueID is not looked at; a page request that PPREn, or the lack of a log, forbids is answered with a failure, one that its
 * device table entry forbids is an event alone; a page request lost in an overflow is never answered, unless automatic answers
 * are enabled; PPRAutoRspAon answers everything and records nothing; MaskGn leaves the PASID out of automatic answers; the
 * coherence and ordering controls have no effect; event counters ({@code EventCounters}) compare the bits of a match's mask, and
 * overflow without an event.
 *
 * <p>Never offered, so that their registers read zero and their control bits stay zero: second logs, early warnings of
 * overflow, the SMI filter, memory access routing, virtual IOMMUs, secure nested paging.
 */
@NullMarked
package org.iommusim.amdvi;

import org.jspecify.annotations.NullMarked;
