package org.iommusim.vtd.driver;

import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.LongCell;
import org.iommusim.vtd.spec.Inv;
import org.iommusim.vtd.spec.PasidEntry;

/**
 * {@code intel_pasid_tear_down_entry}: clears P alone, which one store does; makes sure that nothing of the entry is cached;
 * clears the rest, which hardware does not look at any more; and waits until the page requests of the PASID are answered.
 */
final class PasidTeardown extends Frame {
    static final Program<PasidTeardown> PROGRAM = program();

    private static final long[] NOTHING = new long[PasidEntry.WORDS];

    private final DeviceInfo info;
    private final int pasid;
    private final LongCell address = num();
    private final IntCell present = count();
    private final IntCell quiet = count();
    private final IntCell did = count();
    private final IntCell type = count();

    private PasidTeardown(DeviceInfo info, int pasid) {
        super(info.iommu().world());
        this.info = info;
        this.pasid = pasid;
    }

    static Call<?> call(DeviceInfo info, int pasid) {
        return new Call<>(PROGRAM, new PasidTeardown(info, pasid));
    }

    private static Program<PasidTeardown> program() {
        return Program.<PasidTeardown>named("intel_pasid_tear_down_entry")
                .lock("iommu->lock", f -> f.info.iommu().lock)
                .step("intel_pasid_get_entry", HostCost.ATOMIC, Touches.WORDS, PasidTeardown::look)
                .when(
                        "present",
                        f -> f.present.get() != 0,
                        p -> p.step("pasid_clear_present", HostCost.TABLE_STORE, Touches.WORDS, f -> f.clearPresent()))
                .undoNow("iommu->lock")
                .when("was present", f -> f.present.get() != 0, PasidTeardown::invalidate)
                .when(
                        "was present, or quiet",
                        f -> f.present.get() + f.quiet.get() != 0,
                        p -> p.invoke("pasid_clear_entry", f -> f.clear())
                                .invoke(
                                        "intel_iommu_drain_pasid_prq",
                                        f -> PrqDrain.call(f.info, f.pasid, f.did.get())))
                .build();
    }

    private static void invalidate(Program.Builder<PasidTeardown> p) {
        p.invokeIgnoringError("pasid_cache_invalidation_with_pasid", PasidTeardown::pasidCache)
                .invokeIgnoringError("flush the IOTLB", PasidTeardown::iotlb)
                .invoke("devtlb_invalidation_with_pasid", f -> DeviceTlbFlush.call(f.info, f.pasid));
    }

    private void look() {
        address.set(PasidTable.find(info, pasid));
        if (address.get() == 0) {
            return;
        }
        long[] entry = EntryStores.read(info.iommu(), address.get(), PasidEntry.WORDS);
        present.set(PasidEntry.P.intIn(entry));
        quiet.set(present.get() == 0 ? PasidEntry.FPD.intIn(entry) : 0);
        did.set(PasidEntry.DID.intIn(entry));
        type.set(PasidEntry.PGTT.intIn(entry));
    }

    private void clearPresent() {
        announce();
        EntryStores.clearPresent(info.iommu(), address.get(), PasidEntry.WORDS);
    }

    /** All words become zero, one after the other. */
    Call<?> clear() {
        return EntryStores.call(info.iommu(), address.get(), NOTHING, 0, PasidEntry.WORDS);
    }

    /** For checkers, before {@link #clear} of an entry that is still present. */
    void announce() {
        PasidSetup.announce(info, pasid, address.get(), NOTHING);
    }

    private Call<?> pasidCache() {
        return info.iommu().qi().submit(Inv.pasidCache0(Inv.G_PASID_CACHE_PASID, did.get(), pasid), 0);
    }

    /** First-stage and pass-through translations carry the PASID; those with a second stage go by their domain. */
    private Call<?> iotlb() {
        boolean byPasid = type.get() == PasidEntry.PGTT_PT || type.get() == PasidEntry.PGTT_FS;
        return byPasid
                ? info.iommu().qi().submit(Inv.pasidIotlb0(Inv.G_PASID_ALL, did.get(), pasid), 0)
                : info.iommu().qi().submit(Flushes.iotlbDomain(info.iommu(), did.get()), 0);
    }
}
