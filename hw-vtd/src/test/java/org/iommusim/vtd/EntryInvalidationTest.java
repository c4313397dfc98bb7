package org.iommusim.vtd;

import org.iommusim.sim.testkit.Rule;
import org.iommusim.vtd.spec.ContextEntry;
import org.iommusim.vtd.spec.Inv;
import org.iommusim.vtd.spec.PasidEntry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Context-cache and PASID-cache descriptors drop the entries that they name, and what they do not name stays. */
class EntryInvalidationTest extends MovedTables {
    @Test
    void shouldKeepContextEntriesUntilTold() {
        legacy();
        reads(0, OLD);
        long other = bed.page();
        bed.mapSecond(other, 3, 0, NEW);
        bed.context(SID, ContextEntry.present(ContextEntry.TT_UNTRANSLATED, other, 3, DID + 1));
        reads(0, OLD);
        bed.invalidate(Inv.context0(Inv.G_CONTEXT_DEVICE, DID, SID + 8, 0));
        bed.invalidate(Inv.context0(Inv.G_CONTEXT_DEVICE, DID + 1, SID, 0));
        bed.invalidate(Inv.context0(Inv.G_CONTEXT_DOMAIN, DID + 1, 0, 0));
        reads(0, OLD);
        bed.invalidate(Inv.context0(Inv.G_CONTEXT_DEVICE, DID, SID, 0));
        reads(0, NEW);
    }

    @ParameterizedTest
    @ValueSource(ints = {Inv.G_CONTEXT_DOMAIN, Inv.G_CONTEXT_GLOBAL})
    void shouldDropContextEntriesOfManyFunctions(int granularity) {
        legacy();
        reads(0, OLD);
        long other = bed.page();
        bed.mapSecond(other, 3, 0, NEW);
        bed.context(SID, ContextEntry.present(ContextEntry.TT_UNTRANSLATED, other, 3, DID + 1));
        bed.invalidate(Inv.context0(granularity, granularity == Inv.G_CONTEXT_DOMAIN ? DID : 0, 0, 0));
        reads(0, NEW);
    }

    @Test
    void shouldMaskFunctions() {
        legacy();
        long other = bed.page();
        bed.mapSecond(other, 3, 0, NEW);
        for (int function = 0; function < 8; function++) {
            bed.context(SID + function, ContextEntry.present(ContextEntry.TT_UNTRANSLATED, root, 3, DID));
            reads(SID + function, -1, 0, OLD);
            bed.context(SID + function, ContextEntry.present(ContextEntry.TT_UNTRANSLATED, other, 3, DID + 1));
        }
        // Bits 2:1 of the function do not count.
        bed.invalidate(Inv.context0(Inv.G_CONTEXT_DEVICE, DID, SID + 1, 2));
        for (int function = 0; function < 8; function++) {
            reads(SID + function, -1, 0, (function & 1) == 1 ? NEW : OLD);
        }
    }

    @Test
    void shouldNotTakeTranslationsForContextEntries() {
        legacy();
        reads(0, OLD);
        long other = bed.page();
        bed.mapSecond(other, 3, 0, NEW);
        bed.context(SID, ContextEntry.present(ContextEntry.TT_UNTRANSLATED, other, 3, DID));
        bed.invalidate(Inv.context0(Inv.G_CONTEXT_DEVICE, DID, SID, 0));
        // The same domain: what its old tables gave is still there.
        reads(0, OLD);
        bed.invalidate(iotlb(Inv.G_IOTLB_DOMAIN, DID));
        reads(0, NEW);
    }

    @Test
    @Rule("VTD-PASID-15")
    void shouldKeepPasidEntriesUntilTold() {
        scalable();
        bed.mapFirst(root, 4, 0x5000, OLD);
        bed.pasid(3, PasidEntry.firstStage(root, 4, DID));
        reads(SID, 3, 0x5000, OLD);
        long other = bed.page();
        bed.mapFirst(other, 4, 0x5000, NEW);
        bed.pasid(3, PasidEntry.firstStage(other, 4, DID + 1));
        bed.invalidate(Inv.pasidCache0(Inv.G_PASID_CACHE_PASID, DID, 4));
        bed.invalidate(Inv.pasidCache0(Inv.G_PASID_CACHE_PASID, DID + 1, 3));
        bed.invalidate(Inv.pasidCache0(Inv.G_PASID_CACHE_DOMAIN, DID + 1, 0));
        bed.invalidate(Inv.context0(Inv.G_CONTEXT_GLOBAL, 0, 0, 0));
        reads(SID, 3, 0x5000, OLD);
        bed.invalidate(Inv.pasidCache0(Inv.G_PASID_CACHE_PASID, DID, 3));
        reads(SID, 3, 0x5000, NEW);
    }

    @ParameterizedTest
    @ValueSource(ints = {Inv.G_PASID_CACHE_DOMAIN, Inv.G_PASID_CACHE_GLOBAL})
    @Rule("VTD-PASID-15")
    void shouldDropPasidEntriesOfManyPasids(int granularity) {
        scalable();
        bed.mapFirst(root, 4, 0x5000, OLD);
        bed.pasid(3, PasidEntry.firstStage(root, 4, DID));
        reads(SID, 3, 0x5000, OLD);
        long other = bed.page();
        bed.mapFirst(other, 4, 0x5000, NEW);
        bed.pasid(3, PasidEntry.firstStage(other, 4, DID + 1));
        bed.invalidate(Inv.pasidCache0(granularity, granularity == Inv.G_PASID_CACHE_DOMAIN ? DID : 0, 0));
        reads(SID, 3, 0x5000, NEW);
    }
}
