package org.iommusim.vtd.driver;

import org.iommusim.hw.check.SourceKind;
import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.queue.EntryList;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.LongCell;
import org.iommusim.vtd.spec.ContextEntry;
import org.iommusim.vtd.spec.Inv;

/**
 * {@code domain_context_mapping_one} and {@code domain_context_clear_one} of legacy mode, {@code device_pasid_table_setup} and
 * {@code device_pasid_table_teardown} of scalable mode: a context entry is filled with P last, and taken away with P first:
 * clear P, make sure that nothing of it is cached, clear the rest.
 */
final class ContextMapping extends Frame {
    static final Program<ContextMapping> SET = set();
    static final Program<ContextMapping> CLEAR = clear();

    private final DeviceInfo info;
    private final IntelIommu iommu;
    private final long[] entry;
    private final LongCell address = num();
    private final IntCell present = count();
    private final IntCell did = count();

    private ContextMapping(DeviceInfo info, long[] entry) {
        super(info.iommu().world());
        this.info = info;
        this.iommu = info.iommu();
        this.entry = entry;
    }

    /** Sets the entry of a device; {@code entry} is not changed any more. Errors: ENOMEM, EBUSY (it is present). */
    static Call<?> set(DeviceInfo info, long[] entry) {
        return new Call<>(SET, new ContextMapping(info, entry));
    }

    /** Takes the entry of a device away. */
    static Call<?> clear(DeviceInfo info) {
        return new Call<>(CLEAR, new ContextMapping(info, new long[ContextTable.words(info.iommu())]));
    }

    private static Program<ContextMapping> set() {
        return Program.<ContextMapping>named("domain_context_mapping_one")
                .lock("iommu->lock", f -> f.iommu.lock)
                .attempt("iommu_context_addr", HostCost.ALLOCATE, Touches.PAGES, ContextMapping::findOrAdd)
                .check("context_present", Touches.WORDS, f -> !f.isPresent(), Errno.EBUSY)
                .step("announce", HostCost.FREE, Touches.WORDS, ContextMapping::announce)
                .invoke("fill the entry", f -> f.store(1, f.entry.length - 1))
                .step("dma_wmb", HostCost.BARRIER, Footprint.LOCAL, f -> {})
                .invoke("context_set_present", f -> f.store(0, 1))
                .undoNow("iommu->lock")
                .invoke("context_present_cache_flush", f -> FlushNotPresent.context(f.info))
                .build();
    }

    private static Program<ContextMapping> clear() {
        return Program.<ContextMapping>named("domain_context_clear_one")
                .lock("iommu->lock", f -> f.iommu.lock)
                .step("look", HostCost.ATOMIC, Touches.WORDS, ContextMapping::look)
                .when(
                        "present",
                        f -> f.present.get() != 0,
                        p -> p.step(
                                "context_clear_present", HostCost.TABLE_STORE, Touches.WORDS, f -> f.clearPresent()))
                .undoNow("iommu->lock")
                .when(
                        "was present",
                        f -> f.present.get() != 0,
                        p -> p.invokeIgnoringError("flush the context cache", ContextMapping::flush)
                                .invoke(
                                        "__context_flush_dev_iotlb",
                                        f -> DeviceTlbFlush.call(f.info, IntelIommu.NO_PASID))
                                .invoke("context_clear_entry", ContextMapping::clearAll))
                .build();
    }

    private int findOrAdd() {
        address.set(ContextTable.findOrAdd(iommu, info.sid()));
        return address.get() == 0 ? Errno.ENOMEM : 0;
    }

    private boolean isPresent() {
        return (iommu.memory().read64(address.get()) & 1) != 0;
    }

    /** Tells checkers what the entry is about to become. */
    void announce() {
        String name = "context entry of " + info.function().name();
        EntryStores.announce(iommu, name, SourceKind.DEVICE, address.get(), entry);
    }

    private Call<?> store(int first, int count) {
        return EntryStores.call(iommu, address.get(), entry, first, count);
    }

    private void look() {
        address.set(ContextTable.find(iommu, info.sid()));
        present.set(address.get() != 0 && isPresent() ? 1 : 0);
        if (present.get() != 0 && !iommu.scalable()) {
            did.set(ContextEntry.DID.getInt(iommu.memory().read64(address.get() + 8)));
        }
    }

    private void clearPresent() {
        announce();
        EntryStores.clearPresent(iommu, address.get(), entry.length);
    }

    /** All words become zero, one after the other. */
    private Call<?> clearAll() {
        return store(0, entry.length);
    }

    /** What stands above the word with P, for patches. */
    Call<?> clearUpper() {
        return store(1, entry.length - 1);
    }

    /** The word with P, for patches. */
    Call<?> clearLower() {
        return store(0, 1);
    }

    /** In scalable mode the PASID entries, and what is cached of them, are gone already. */
    private Call<?> flush() {
        EntryList list = EntryList.of(Inv.context0(Inv.G_CONTEXT_DEVICE, did.get(), info.sid(), 0), 0);
        return iommu.qi().submit(iommu.scalable() ? list : list.add(Flushes.iotlbDomain(iommu, did.get()), 0));
    }
}
