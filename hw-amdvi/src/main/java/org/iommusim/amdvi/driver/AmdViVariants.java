package org.iommusim.amdvi.driver;

import java.util.List;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.ProgramPatch;
import org.iommusim.sim.program.WaitQueue;
import org.iommusim.sim.variant.Variant;

/** Known bugs of the kernel's AMD driver, each as the steps that were different, or as those that would mend it. */
public final class AmdViVariants {
    private static final String UNORDERED = "amd-numbers-waits-unlocked";
    private static final String EARLY = "amd-trusts-queued-wait";
    private static final String SPINS = "amd-waits-with-lock";
    private static final String PIECES = "amd-dte-in-64-bit-pieces";
    private static final String UNLISTED = "amd-unlists-device-first";
    private static final String REQUESTED = "amd-leaves-fault-queue-last";
    private static final String FLUSHED = "amd-flushes-freed-domain-id";
    private static final String PATIENT = "amd-waits-for-ever";

    /** "serialize sequence allocation under concurrent TLB invalidations": the number came from an atomic counter. */
    private static final Variant NUMBERS_WAITS_UNLOCKED = Variant.of(
            UNORDERED,
            "F77",
            "the number of a wait is taken before the lock, and waits are queued in another order than that of their numbers",
            ProgramPatch.over(CompletionWait.PROGRAM, UNORDERED)
                    .insertBefore(
                            "iommu->lock",
                            p -> p.step(
                                    "atomic64_inc_return", HostCost.ATOMIC, Touches.QUEUE, CompletionWait::newNumber))
                    .drop("get_cmdsem_val")
                    .build());

    /** CVE-2026-68329: 3.0 to 6.12.101 and 7.1.6. */
    private static final Variant TRUSTS_QUEUED_WAIT = Variant.of(
            EARLY,
            "F78",
            "who finds that a wait is queued behind his commands goes on, although it is not complete",
            ProgramPatch.over(CompletionWait.PROGRAM, EARLY)
                    .insertBefore(
                            "iommu->lock",
                            p -> p.branch(
                                    "!need_sync",
                                    Touches.QUEUE,
                                    f -> !f.needSync(),
                                    q -> q.succeed("nothing to wait for")))
                    .replaceBody("get_cmdsem_val", Touches.QUEUE, f -> {
                        f.newNumber();
                        return 0;
                    })
                    .build());

    /** CVE-2026-43253: 4.9 to 6.12.75. */
    private static final Variant WAITS_WITH_LOCK = Variant.of(
            SPINS,
            "F79",
            "who waits for hardware keeps the lock, and nobody can queue a command meanwhile",
            ProgramPatch.over(CompletionWait.PROGRAM, SPINS)
                    .drop("unlock iommu->lock")
                    .build());

    /** Mended late in 2024, in 6.12.91 of the stable kernels. */
    private static final Variant DTE_IN_64_BIT_PIECES = Variant.of(
            PIECES,
            "F80",
            "a half of an entry of the device table is stored as two words",
            ProgramPatch.over(UpdateDte.UPDATE_DTE256, PIECES)
                    .replace(
                            "write_dte_lower128",
                            p -> p.step("data[1] = flags", HostCost.TABLE_STORE, Touches.WORDS, f -> f.storeWord(1))
                                    .step(
                                            "data[0] = pte_root",
                                            HostCost.TABLE_STORE,
                                            Touches.WORDS,
                                            f -> f.storeWord(0)))
                    .build());

    /** "Invalidate cache before removing device from domain list", 6.9.8. */
    private static final Variant UNLISTS_DEVICE_FIRST = Variant.of(
            UNLISTED,
            "F83",
            "a device leaves the list of its domain before it is invalidated, and what is cached for it is not found",
            ProgramPatch.over(AttachDev.DETACH, UNLISTED)
                    .insertBefore(
                            "pdev_disable_caps",
                            p -> p.branch(
                                    "has a list",
                                    Footprint.of(Touches.DEVICE),
                                    AttachDev::leavesTables,
                                    q -> q.step(
                                            "list_del before the flush",
                                            HostCost.ATOMIC,
                                            Footprint.of(Touches.DEVICE, Touches.DOMAIN),
                                            AttachDev::unlist)))
                    .drop("pdev_disable_caps")
                    .insertBefore(
                            "dev_data->domain = NULL",
                            p -> p.invoke("pdev_disable_caps at last", f -> PciCaps.call(PciCaps.DISABLE, f.dev())))
                    .build());

    /** Not in 7.3. */
    private static final Variant LEAVES_FAULT_QUEUE_LAST = Variant.of(
            REQUESTED,
            "F84",
            "mended: a device leaves the fault queue when it cannot ask for pages any more and the log of requests is empty",
            ProgramPatch.over(AttachDev.DETACH, REQUESTED)
                    .drop("amd_iommu_iopf_remove_device")
                    .insertBefore(
                            "dev_data->domain = NULL",
                            p -> p.invoke("drain page requests", f -> PprDrain.call(f.dev()))
                                    .invoke("amd_iommu_iopf_remove_device at last", AttachDev::leaveFaultQueue))
                    .build());

    /** Not in 7.3. */
    private static final Variant FLUSHES_FREED_DOMAIN_ID = Variant.of(
            FLUSHED,
            "F85",
            "what is tagged with a host domain id is invalidated before the id is given back",
            ProgramPatch.over(NestedDomain.FREE, FLUSHED)
                    .insertBefore(
                            "amd_iommu_pdom_id_free", p -> p.invoke("flush the host domain id", NestedDomain::flush))
                    .build());

    /** Not in 7.3: the price is that nothing ends if hardware does not answer. */
    private static final Variant WAITS_FOR_EVER = Variant.of(
            PATIENT,
            "F86",
            "a wait has no time-out, so that nobody goes on before his invalidations are complete",
            ProgramPatch.over(CompletionWait.PROGRAM, PATIENT)
                    .replace(
                            "wait_on_sem",
                            p -> p.await(
                                    "wait_on_sem for ever",
                                    Touches.QUEUE,
                                    f -> f.iommu().device().changed(),
                                    WaitQueue.Sleep.UNINTERRUPTIBLE,
                                    CompletionWait::reached))
                    .build());

    private AmdViVariants() {}

    /** Those that bundled scenarios explore. */
    public static List<Variant> explored() {
        return List.of(
                NUMBERS_WAITS_UNLOCKED,
                TRUSTS_QUEUED_WAIT,
                DTE_IN_64_BIT_PIECES,
                UNLISTS_DEVICE_FIRST,
                LEAVES_FAULT_QUEUE_LAST,
                FLUSHES_FREED_DOMAIN_ID,
                WAITS_FOR_EVER);
    }

    /** All of them. */
    public static List<Variant> all() {
        return List.of(
                NUMBERS_WAITS_UNLOCKED,
                TRUSTS_QUEUED_WAIT,
                WAITS_WITH_LOCK,
                DTE_IN_64_BIT_PIECES,
                UNLISTS_DEVICE_FIRST,
                LEAVES_FAULT_QUEUE_LAST,
                FLUSHES_FREED_DOMAIN_ID,
                WAITS_FOR_EVER);
    }
}
