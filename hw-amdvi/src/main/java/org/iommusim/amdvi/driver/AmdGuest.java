package org.iommusim.amdvi.driver;

import org.iommusim.amdvi.spec.Cmd;
import org.iommusim.amdvi.spec.Dte;
import org.iommusim.hw.driver.GuestIommu;
import org.iommusim.hw.driver.GuestMemory;
import org.iommusim.hw.driver.GuestSpace;
import org.iommusim.hw.driver.UserData;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.world.RefCell;
import org.jspecify.annotations.Nullable;

/**
 * The guest kernel's driver of its virtual AMD IOMMU: a device table, a GCR3 table for each device and v2 tables, all in guest
 * memory, with guest physical addresses. A virtual id is a device id: the index into the device table. Requests without a PASID
 * have the tables of PASID 0.
 *
 * <p>Hardware reads the GCR3 table where the guest has it, so that PASIDs come and go without the VMM; it sees the guest's
 * commands that invalidate. Tables are freed by {@link #freeTables} only.
 */
final class AmdGuest implements GuestIommu {
    private final GuestTables tables;
    private final int pasid;
    private final String name;

    AmdGuest(AmdIommu iommu, GuestMemory memory, String name) {
        this(new GuestTables(iommu, memory), AmdIommu.NO_PASID, name);
    }

    private AmdGuest(GuestTables tables, int pasid, String name) {
        this.tables = tables;
        this.pasid = pasid;
        this.name = name;
    }

    @Override
    public GuestIommu withPasid(int which) {
        return new AmdGuest(tables, which, name + " pasid " + which);
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

    @Override
    public String toString() {
        return name;
    }
}
