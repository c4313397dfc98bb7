/**
 * Arm SMMUv3: the device. Beside it, {@code spec} holds the layouts, {@code format} what is read from memory, {@code driver}
 * the kernel's driver, {@code vectors} how recorded results are read.
 *
 * <p><b>The way of a transaction.</b> A front end (a translation buffer unit) admits it ({@code Door}: slots and write
 * beats), takes its beats at the device port, looks it up in the micro TLB and in the main TLB. A miss waits while an older
 * miss of the same page is under way. Then the shared unit (the translation control unit): a slot, the link, the
 * configuration cache or the fetch of STE and CD, a TLB by ASID and VMID if there is one, a walk slot, the walk, the link
 * back. Back in the front end the TLBs are filled, order ids are obeyed if asked for, and the request passes the one port to
 * memory. Every one of these is a {@link org.iommusim.sim.resource.Slots} with a latency; a {@code Flight} carries the
 * transaction through, on a lane of its own.
 *
 * <p><b>Who may be stale, and who waits.</b> TLBs, walk cache and configuration cache keep what they read until a command
 * invalidates it. An invalidation takes effect at one moment, in all caches; the same moment marks every flight that may
 * have read what was invalidated ({@code Invalidation.hits}). A marked flight goes on with what it has, but fills nothing.
 * CMD_SYNC completes when no marked flight is left, and a flight ends only when its access has been carried out in memory
 * ({@link org.iommusim.hw.iommu.IommuDevice#carriedOut}). So after a CMD_SYNC nobody uses the old translation, and nothing
 * can bring it back.
 *
 * <p>A front end can translate the page behind a miss ahead: a flight without a device, whose request is its own. It takes a
 * slot like any other, fills the main TLB only, and nobody is told if it fails.
 *
 * <p>TLB entries are tagged by stream and substream, not by VMID and ASID (which they carry for TLBIs): a lookup needs no
 * configuration. Therefore a CFGI drops the TLB entries of its streams as well, which the architecture allows. Entries of the
 * shared unit's TLB know no stream: what a stream's configuration adds is added at each hit.
 *
 * <p><b>Faults.</b> {@code FaultReport} turns what {@code ConfigFetch} and the walk found into a record, or suppresses it;
 * {@code EventRecorder} writes it, later. A TLB entry that forbids an access counts as a miss,
 * so that the walk says what the fault is.
 *
 * <p><b>ATS and PRI.</b> Translation requests and translated transactions go the same way, past the TLBs: these do not
 * know EATS. {@code AtsUnit} says who may send them and what an answer grants. A fault of a translation request is an answer
 * that grants nothing, not an event. CMD_ATC_INV takes a tag ({@code AtcInvalidations}); CMD_SYNC waits for all tags, and
 * fails once if one has timed out. {@code PriQueue} records page requests, or answers them itself.
 *
 * <p><b>Stalls.</b> A fault that stalls is held by {@code StallBuffer} in its slot of the front end. It uses nothing that an
 * invalidation could hit, so no CMD_SYNC waits for it, and on a retry it is as if it had just arrived.
 *
 * <p><b>What there is</b> and what not, and what a program gets that uses the latter, is a table with tests: {@code
 * docs/smmuv3.md}. What a device says of itself is held against it when the device is made. Where the architecture allows
 * more than one behaviour, this is what the model does: reserved registers and accesses of a wrong size read zero and are
 * ignored; registers are protected while what uses them is enabled; invalid configuration is not cached; events go on to be
 * recorded while an overflow is not acknowledged, if there is room; the access flag of an entry that forbids the access is
 * not set; stage 1 is updated before stage 2 is asked for the output address; of overlapping cached pages a lookup takes
 * one (no F_TLB_CONFLICT, no F_CFG_CONFLICT); records are merged only if a parameter asks for it.
 *
 * <p>Any access of the device to memory can be made to fail: {@link org.iommusim.hw.walk.BusFaults}.
 *
 * <p><b>gem5.</b> The preset {@code gem5-default} has the timing of gem5's model; {@code docs/replay.md} lists its rules with
 * the tests that hold them. What gem5 does wrong is done only with the parameter {@code gem5_quirks} ({@code Gem5Checks} and
 * wherever that flag is read).
 *
 * <p>What is in flight (flights, walks, requests at ports) is held in plain fields; registers, caches and memory are cells.
 * An exploration that goes back must do so between transactions, or replay.
 */
@NullMarked
package org.iommusim.smmuv3;

import org.jspecify.annotations.NullMarked;
