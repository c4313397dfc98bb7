package org.iommusim.vtd.driver;

import java.util.List;
import org.iommusim.sim.memory.PhysicalMemory;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.ProgramPatch;
import org.iommusim.sim.program.Undo;
import org.iommusim.sim.variant.Variant;
import org.iommusim.vtd.spec.VtdVariables;

/** Known bugs of the kernel's VT-d driver, each as the steps that were different. */
public final class VtdVariants {
    private static final String ASKS_VANISHED = "vtd-asks-vanished-device";
    private static final String MARKS_ODD = "vtd-marks-odd-slots";
    private static final String ZEROES_PASID = "vtd-zeroes-present-pasid-entry";
    private static final String REPLACES_PASID = "vtd-replaces-pasid-entry-in-place";
    private static final String ZEROES_CONTEXT = "vtd-zeroes-present-context-entry";
    private static final String NO_DRAIN = "vtd-does-not-drain-requests";
    private static final String PASIDS_ONLY = "vtd-drains-pasids-only";
    private static final String UNKNOWN_PASID = "vtd-takes-back-unknown-pasid";
    private static final String TAGS_LATE = "vtd-tags-outlive-ats";
    private static final String UNLISTED = "vtd-removes-unlisted-device";
    private static final String TOO_SHORT = "vtd-flushes-too-little";
    private static final String NO_PDS = "vtd-requests-without-drain";

    /** "Don't issue ATS Invalidation request when device is disconnected", and the same for devices that are just absent. */
    private static final Variant ASKS_VANISHED_DEVICE = Variant.of(
            ASKS_VANISHED,
            "E64",
            "a device that has vanished is asked to invalidate, and asked again for ever",
            ProgramPatch.over(DeviceTlbFlush.PROGRAM, ASKS_VANISHED)
                    .always("pci_device_is_present")
                    .build(),
            ProgramPatch.over(QiCheckFault.PROGRAM, ASKS_VANISHED)
                    .never("device is gone")
                    .build());

    /** "Fix ... ITE" of qi_check_fault: written when each submission had two descriptors, so that waits stood at odd slots. */
    private static final Variant MARKS_ODD_SLOTS = Variant.of(
            MARKS_ODD,
            "E65",
            "after a time-out only odd slots are marked, and who waits at an even one waits for ever",
            ProgramPatch.over(QiCheckFault.PROGRAM, MARKS_ODD)
                    .replaceBody(
                            "mark QI_ABORT",
                            Footprint.of(Touches.QI, Touches.UNIT, PhysicalMemory.WORD, VtdVariables.REGISTER),
                            f -> {
                                f.mark(2);
                                return 0;
                            })
                    .build());

    /** CVE-2026-45894: 8 stores of zero, with the entry present before the first one. */
    private static final Variant ZEROES_PRESENT_PASID_ENTRY = Variant.of(
            ZEROES_PASID,
            "E66",
            "a PASID entry is zeroed word by word while hardware may be reading it",
            ProgramPatch.over(PasidTeardown.PROGRAM, ZEROES_PASID)
                    .replace(
                            "pasid_clear_present",
                            p -> p.step("announce", HostCost.FREE, Touches.WORDS, PasidTeardown::announce)
                                    .invoke("intel_pasid_clear_entry", PasidTeardown::clear))
                    .drop("pasid_clear_entry")
                    .build());

    /** CVE-2026-45945: the new entry is copied over the old one, and the caches are invalidated after that. */
    private static final Variant REPLACES_PASID_ENTRY_IN_PLACE = Variant.of(
            REPLACES_PASID,
            "E67",
            "a PASID entry that is present is overwritten by another one",
            ProgramPatch.over(SetDevPasid.ATTACH, REPLACES_PASID)
                    .drop("tear down the old entry")
                    .build(),
            ProgramPatch.over(PasidSetup.PROGRAM, REPLACES_PASID)
                    .drop("pasid_pte_is_present")
                    .insertAfter(
                            "pasid_flush_caches",
                            p -> p.invokeIgnoringError("intel_pasid_flush_present", PasidSetup::flushPresent))
                    .build());

    /** "Clear Present bit before tearing down (scalable-mode) context entry": two plain stores, here in the worse order. */
    private static final Variant ZEROES_PRESENT_CONTEXT_ENTRY = Variant.of(
            ZEROES_CONTEXT,
            "E68",
            "a context entry is zeroed word by word while hardware may be reading it",
            ProgramPatch.over(ContextMapping.CLEAR, ZEROES_CONTEXT)
                    .replace(
                            "context_clear_present",
                            p -> p.step("announce", HostCost.FREE, Touches.WORDS, ContextMapping::announce)
                                    .invoke("context_clear_entry: hi = 0", ContextMapping::clearUpper)
                                    .invoke("context_clear_entry: lo = 0", ContextMapping::clearLower))
                    .drop("context_clear_entry")
                    .build());

    /** "Drain PRQs when domain removed from RID". */
    private static final Variant DOES_NOT_DRAIN_REQUESTS = Variant.of(
            NO_DRAIN,
            "E70",
            "page requests of an entry that was torn down may still be in the queue, or on their way to it",
            ProgramPatch.over(PasidTeardown.PROGRAM, NO_DRAIN)
                    .drop("intel_iommu_drain_pasid_prq")
                    .build());

    /** "Make intel_iommu_drain_pasid_prq() cover faults for RID", 6.14: it compared PASIDs, and such requests have none. */
    private static final Variant DRAINS_PASIDS_ONLY = Variant.of(
            PASIDS_ONLY,
            "E70",
            "page requests without a PASID are not waited for when the queue is drained",
            ProgramPatch.over(PrqDrain.PROGRAM, PASIDS_ONLY)
                    .replaceBody("look for the PASID", PrqDrain.QUEUE, f -> {
                        f.lookFor(f::drainsByPasidAlone);
                        return 0;
                    })
                    .build());

    /** CVE-2025-21833, CVE-2026-53281. */
    private static final Variant TAKES_BACK_UNKNOWN_PASID = Variant.of(
            UNKNOWN_PASID,
            "E71",
            "the domain's id and tags are taken back for a PASID that is not attached to it",
            ProgramPatch.over(SetDevPasid.REMOVE_DEV_PASID, UNKNOWN_PASID)
                    .always("found")
                    .build());

    /** "Remove cache tags before disabling ATS": ATS went with the attachment then, in both modes. */
    private static final Variant TAGS_OUTLIVE_ATS = Variant.of(
            TAGS_LATE,
            "E72",
            "the tag of a device whose ATS was switched off first stays in its domain, and the device is asked to invalidate",
            ProgramPatch.over(AttachDev.BLOCK_TRANSLATION, TAGS_LATE)
                    .drop("cache_tag_unassign_domain")
                    .insertAfter(
                            "look at info->domain",
                            p -> p.invoke("iommu_disable_pci_caps", f -> PciCaps.call(PciCaps.DISABLE_ATS, f.info())))
                    .insertAfter(
                            "domain_attached = false",
                            p -> p.when(
                                    "still has cache tags",
                                    AttachDev::hadTags,
                                    q -> q.invoke("cache_tag_unassign_domain at last", AttachDev::unassignTags)))
                    .build(),
            ProgramPatch.over(AttachDev.PAGING, TAGS_LATE)
                    .insertBefore(
                            "cache_tag_assign_domain",
                            p -> p.invoke("iommu_enable_pci_caps", f -> PciCaps.call(PciCaps.ENABLE_ATS, f.info())))
                    .build());

    /** CVE-2026-74355: the error path of probing. */
    private static final Variant REMOVES_UNLISTED_DEVICE = Variant.of(
            UNLISTED,
            "E73",
            "a device that was never put into the tree of devices is taken out of it when probing fails, and the tree is lost",
            ProgramPatch.over(ProbeDevice.PROBE, UNLISTED)
                    .replaceUndo(
                            "device_rbtree_insert",
                            Undo.onFailure(
                                    "device_rbtree_remove",
                                    Footprint.of(Touches.DEVICE),
                                    f -> f.info().removeUnchecked()))
                    .build());

    /** CVE-2026-31735, as far as tables go here: a part of what was unmapped is not invalidated. */
    private static final Variant FLUSHES_TOO_LITTLE = Variant.of(
            TOO_SHORT,
            "E75",
            "an unmapped range is invalidated by the largest power of two in it, and the rest is not",
            ProgramPatch.over(CacheFlush.PROGRAM, TOO_SHORT)
                    .replaceBody(
                            "a descriptor for each tag",
                            Footprint.of(Touches.DOMAIN, Touches.DEVICE, Touches.UNIT),
                            f -> {
                                f.prepare(CacheFlush::orderWithin);
                                return 0;
                            })
                    .build());

    /** "PRS without PDS": page requests are switched on although nothing can drain them. */
    private static final Variant REQUESTS_WITHOUT_DRAIN = Variant.of(
            NO_PDS,
            "E76",
            "page requests are used on a unit that cannot drain them",
            ProgramPatch.over(ProbeDevice.PROBE, NO_PDS)
                    .replaceBody("pri_supported", Footprint.of(Touches.DEVICE, Touches.UNIT), f -> {
                        f.info().priSupported.set(f.asksForPages() ? 1 : 0);
                        return 0;
                    })
                    .build());

    private VtdVariants() {}

    /** Those that bundled scenarios explore; no caller of today takes back a PASID that is not attached. */
    public static List<Variant> explored() {
        return all().stream().filter(v -> v != TAKES_BACK_UNKNOWN_PASID).toList();
    }

    /** All of them. */
    public static List<Variant> all() {
        return List.of(
                ASKS_VANISHED_DEVICE,
                MARKS_ODD_SLOTS,
                ZEROES_PRESENT_PASID_ENTRY,
                REPLACES_PASID_ENTRY_IN_PLACE,
                ZEROES_PRESENT_CONTEXT_ENTRY,
                DOES_NOT_DRAIN_REQUESTS,
                DRAINS_PASIDS_ONLY,
                TAKES_BACK_UNKNOWN_PASID,
                TAGS_OUTLIVE_ATS,
                REMOVES_UNLISTED_DEVICE,
                FLUSHES_TOO_LITTLE,
                REQUESTS_WITHOUT_DRAIN);
    }
}
