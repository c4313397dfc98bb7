package org.iommusim.vtd.driver;

import org.iommusim.hw.driver.GuestIommu;
import org.iommusim.hw.driver.GuestMemory;
import org.iommusim.hw.driver.GuestSpace;
import org.iommusim.hw.driver.UserData;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.world.RefCell;
import org.iommusim.vtd.spec.PasidEntry;
import org.jspecify.annotations.Nullable;

/**
 * The guest kernel's driver of its virtual VT-d in scalable mode: root, context and PASID tables and first-stage tables, all in
 * guest memory, with guest physical addresses. A virtual id is a source id: the index into root and context table. Requests
 * without a PASID are served by the entry of PASID 0.
 *
 * <p>Its PASID-based IOTLB invalidations trap; the VMM hands them on as ranges ({@code struct iommu_hwpt_vtd_s1_invalidate}).
 * Tables are freed by {@link #freeTables} only, so that invalidations never concern more than leaves.
 */
final class VtdGuest implements GuestIommu {
    private final GuestTables tables;
    private final int pasid;
    private final String name;

    VtdGuest(IntelIommu iommu, GuestMemory memory, String name) {
        this(new GuestTables(iommu, memory), IntelIommu.NO_PASID, name);
    }

    private VtdGuest(GuestTables tables, int pasid, String name) {
        this.tables = tables;
        this.pasid = pasid;
        this.name = name;
    }

    @Override
    public GuestIommu withPasid(int which) {
        return new VtdGuest(tables, which, name + " pasid " + which);
    }

    @Override
    public Call<?> attach(long virtualId) {
        return call(GuestOp.ATTACH, virtualId, null, 0, 0, 0, 0);
    }

    @Override
    public Call<?> detach(long virtualId, RefCell<UserData> commands) {
        return call(GuestOp.DETACH, virtualId, commands, 0, 0, 0, 0);
    }

    @Override
    public Call<?> freeTables(long virtualId) {
        return call(GuestOp.FREE, virtualId, null, 0, 0, 0, 0);
    }

    @Override
    public Call<?> map(long virtualId, long iova, long guestPhysical, long bytes, int protection) {
        return call(GuestOp.MAP, virtualId, null, iova, guestPhysical, bytes, protection);
    }

    @Override
    public Call<?> unmap(long virtualId, long iova, long bytes, RefCell<UserData> commands) {
        return call(GuestOp.UNMAP, virtualId, commands, iova, 0, bytes, 0);
    }

    private Call<?> call(
            Program<GuestOp> program,
            long virtualId,
            @Nullable RefCell<UserData> commands,
            long iova,
            long guestPhysical,
            long bytes,
            int protection) {
        GuestSpace space = tables.space((int) virtualId, pasid);
        return new Call<>(program, new GuestOp(tables, space, commands, iova, guestPhysical, bytes, protection));
    }

    /** The VMM finds the entry as hardware would: from the root table on. */
    @Override
    public UserData hwptData(long virtualId) {
        long address = tables.find((int) virtualId, pasid);
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

    @Override
    public String toString() {
        return name;
    }
}
