package org.iommusim.amdvi.driver;

import org.iommusim.amdvi.spec.Cmd;
import org.iommusim.amdvi.spec.Dte;
import org.iommusim.hw.driver.GuestIommu;
import org.iommusim.hw.driver.GuestMemory;
import org.iommusim.hw.driver.GuestSpace;
import org.iommusim.hw.driver.UserData;
import org.iommusim.hw.pgtable.GuestChange;
import org.iommusim.hw.pgtable.X86Guest;

/**
 * The guest kernel's driver of its virtual AMD IOMMU: a device table, a GCR3 table for each device and v2 tables, all in guest
 * memory, with guest physical addresses. A virtual id is a device id: the index into the device table. Requests without a PASID
 * have the tables of PASID 0.
 *
 * <p>Hardware reads the GCR3 table where the guest has it, so that PASIDs come and go without the VMM; it sees the guest's
 * commands that invalidate. Tables are freed by {@link #freeTables} only.
 */
final class AmdGuest extends X86Guest<GuestOp> {
    private final GuestTables tables;

    AmdGuest(AmdIommu iommu, GuestMemory memory, String name) {
        this(new GuestTables(iommu, memory), AmdIommu.NO_PASID, name);
    }

    private AmdGuest(GuestTables tables, int pasid, String name) {
        super(GuestOp.PROGRAMS, pasid, name);
        this.tables = tables;
    }

    @Override
    public GuestIommu withPasid(int which) {
        return new AmdGuest(tables, which, nameWith(which));
    }

    @Override
    protected GuestSpace space(long virtualId) {
        return tables.space((int) virtualId, pasid());
    }

    @Override
    protected GuestOp frame(GuestChange change) {
        return new GuestOp(tables, change);
    }

    /** The VMM finds the entry as hardware would, and hands it on as it is. */
    @Override
    public UserData hwptData(long virtualId) {
        long word0 = tables.dteWord((int) virtualId, 0);
        if (!Dte.V.isSet(word0) || !Dte.GV.isSet(word0)) {
            return UserData.NONE;
        }
        int id = (int) virtualId;
        return new GuestDte(word0, tables.dteWord(id, 1), tables.dteWord(id, 2), tables.dteWord(id, 3)).toUserData();
    }

    @Override
    public int viommuType() {
        return AmdViommu.TYPE;
    }

    @Override
    public int invalidationEntryLength() {
        return Cmd.BYTES;
    }
}
