package org.iommusim.vtd.driver;

import org.iommusim.hw.driver.GuestIommu;
import org.iommusim.hw.driver.GuestMemory;
import org.iommusim.hw.driver.GuestSpace;
import org.iommusim.hw.driver.UserData;
import org.iommusim.hw.pgtable.GuestChange;
import org.iommusim.hw.pgtable.X86Guest;
import org.iommusim.vtd.spec.PasidEntry;

/**
 * The guest kernel's driver of its virtual VT-d in scalable mode: root, context and PASID tables and first-stage tables, all in
 * guest memory, with guest physical addresses. A virtual id is a source id: the index into root and context table. Requests
 * without a PASID are served by the entry of PASID 0.
 *
 * <p>Its PASID-based IOTLB invalidations trap; the VMM hands them on as ranges ({@code struct iommu_hwpt_vtd_s1_invalidate}).
 * Tables are freed by {@link #freeTables} only, so that invalidations never concern more than leaves.
 */
final class VtdGuest extends X86Guest<GuestOp> {
    private final GuestTables tables;

    VtdGuest(IntelIommu iommu, GuestMemory memory, String name) {
        this(new GuestTables(iommu, memory), IntelIommu.NO_PASID, name);
    }

    private VtdGuest(GuestTables tables, int pasid, String name) {
        super(GuestOp.PROGRAMS, pasid, name);
        this.tables = tables;
    }

    @Override
    public GuestIommu withPasid(int which) {
        return new VtdGuest(tables, which, nameWith(which));
    }

    @Override
    protected GuestSpace space(long virtualId) {
        return tables.space((int) virtualId, pasid());
    }

    @Override
    protected GuestOp frame(GuestChange change) {
        return new GuestOp(tables, change);
    }

    /** The VMM finds the entry as hardware would: from the root table on. */
    @Override
    public UserData hwptData(long virtualId) {
        long address = tables.find((int) virtualId, pasid());
        if (address == 0) {
            return UserData.NONE;
        }
        long word0 = tables.memory().read(address);
        long word2 = tables.memory().read(address + 16);
        if (!PasidEntry.P.isSet(word0)) {
            return UserData.NONE;
        }
        long flags = (PasidEntry.SRE.isSet(word2) ? VtdS1.SRE : 0)
                | (PasidEntry.EAFE.isSet(word2) ? VtdS1.EAFE : 0)
                | (PasidEntry.WPE.isSet(word2) ? VtdS1.WPE : 0);
        int width = PasidEntry.FSPM.getInt(word2) == PasidEntry.FSPM_5 ? 57 : 48;
        return new VtdS1(flags, PasidEntry.FSPTPTR.inPlace(word2), width).toUserData();
    }

    @Override
    public int viommuType() {
        return VtdViommu.TYPE;
    }

    @Override
    public int invalidationEntryLength() {
        return NestedInvalidate.BYTES;
    }
}
