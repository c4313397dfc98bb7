package org.iommusim.vtd.driver;

import org.iommusim.hw.check.SourceKind;
import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.queue.EntryList;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.world.LongCell;
import org.iommusim.vtd.spec.Inv;
import org.iommusim.vtd.spec.PasidEntry;

/**
 * {@code intel_pasid_setup_first_level}, {@code _second_level}, {@code _pass_through} and {@code _nested}: fills an entry of
 * the PASID table that is not present, and sets P last. An entry that is present is never changed: EBUSY. Other error: ENODEV
 * (no memory for a table).
 */
final class PasidSetup extends Frame {
    static final Program<PasidSetup> PROGRAM = program();

    private final DeviceInfo info;
    private final int pasid;
    private final long[] entry;
    private final LongCell address = num();

    private PasidSetup(DeviceInfo info, int pasid, long[] entry) {
        super(info.iommu().world());
        this.info = info;
        this.pasid = pasid;
        this.entry = entry;
    }

    /** Sets an entry; {@code entry} is not changed any more. */
    static Call<?> call(DeviceInfo info, int pasid, long[] entry) {
        return new Call<>(PROGRAM, new PasidSetup(info, pasid, entry));
    }

    private static Program<PasidSetup> program() {
        return Program.<PasidSetup>named("intel_pasid_setup")
                .lock("iommu->lock", f -> f.info.iommu().lock)
                .attempt("intel_pasid_get_entry", HostCost.ALLOCATE, Touches.PAGES, PasidSetup::find)
                .check("pasid_pte_is_present", Touches.WORDS, f -> !f.present(), Errno.EBUSY)
                .step(
                        "announce",
                        HostCost.FREE,
                        Touches.WORDS,
                        f -> announce(f.info, f.pasid, f.address.get(), f.entry))
                .invoke("fill the entry", f -> f.store(1, PasidEntry.WORDS - 1))
                .step("dma_wmb", HostCost.BARRIER, Footprint.LOCAL, f -> {})
                .invoke("pasid_set_present", f -> f.store(0, 1))
                .undoNow("iommu->lock")
                .invoke("pasid_flush_caches", f -> FlushNotPresent.pasid(f.info, f.pasid, f.did()))
                .build();
    }

    private int find() {
        address.set(PasidTable.findOrAdd(info, pasid));
        return address.get() == 0 ? Errno.ENODEV : 0;
    }

    private boolean present() {
        return PasidEntry.P.isSet(info.iommu().memory().read64(address.get()));
    }

    /** Tells checkers what an entry is about to become. */
    static void announce(DeviceInfo info, int pasid, long address, long[] entry) {
        String name = "PASID entry " + pasid + " of " + info.function().name();
        EntryStores.announce(info.iommu(), name, SourceKind.CONTEXT, address, entry);
    }

    private Call<?> store(int first, int count) {
        return EntryStores.call(info.iommu(), address.get(), entry, first, count);
    }

    /** Whatever was cached of an entry that was present; for who does not know which domain id that had. */
    Call<?> flushPresent() {
        IntelIommu iommu = info.iommu();
        EntryList list = EntryList.of(Inv.pasidCache0(Inv.G_PASID_CACHE_GLOBAL, 0, 0), 0)
                .add(Flushes.iotlb(iommu, Inv.G_IOTLB_GLOBAL, 0), 0);
        return iommu.qi()
                .submit(
                        info.atsEnabled.get() == 0
                                ? list
                                : Flushes.addDeviceTlb(list, info, pasid, 0, Flushes.EVERYTHING));
    }

    private int did() {
        return PasidEntry.DID.intIn(entry);
    }
}
