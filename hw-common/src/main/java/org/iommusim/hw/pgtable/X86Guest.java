package org.iommusim.hw.pgtable;

import org.iommusim.hw.driver.GuestIommu;
import org.iommusim.hw.driver.GuestSpace;
import org.iommusim.hw.driver.UserData;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.world.RefCell;
import org.jspecify.annotations.Nullable;

/**
 * A guest kernel's driver of a virtual IOMMU whose tables have the x86-64 format: one table for each PASID of each device. The
 * vendor's programs do the work.
 *
 * @param <F> frame of the vendor's programs
 */
public abstract class X86Guest<F extends X86GuestOp> implements GuestIommu {
    /**
     * What a vendor's driver does.
     *
     * @param attach puts a table into an entry
     * @param detach takes it out
     * @param free frees the table
     * @param map adds a range
     * @param unmap takes a range out
     */
    public record Programs<F>(
            Program<F> attach, Program<F> detach, Program<F> free, Program<F> map, Program<F> unmap) {}

    private final Programs<F> programs;
    private final int pasid;
    private final String name;

    /** The driver as far as one PASID goes. */
    protected X86Guest(Programs<F> programs, int pasid, String name) {
        this.programs = programs;
        this.pasid = pasid;
        this.name = name;
    }

    /** The PASID; that of the device itself, for requests without. */
    protected final int pasid() {
        return pasid;
    }

    /** The address space of this PASID of a device. */
    protected abstract GuestSpace space(long virtualId);

    /** A frame for one of the programs. */
    protected abstract F frame(GuestChange change);

    /** The name of the driver as far as another PASID goes. */
    protected final String nameWith(int which) {
        return name + " pasid " + which;
    }

    @Override
    public final Call<?> attach(long virtualId) {
        return call(programs.attach(), virtualId, null, 0, 0, 0, 0);
    }

    @Override
    public final Call<?> detach(long virtualId, RefCell<UserData> commands) {
        return call(programs.detach(), virtualId, commands, 0, 0, 0, 0);
    }

    @Override
    public final Call<?> freeTables(long virtualId) {
        return call(programs.free(), virtualId, null, 0, 0, 0, 0);
    }

    @Override
    public final Call<?> map(long virtualId, long iova, long guestPhysical, long bytes, int protection) {
        return call(programs.map(), virtualId, null, iova, guestPhysical, bytes, protection);
    }

    @Override
    public final Call<?> unmap(long virtualId, long iova, long bytes, RefCell<UserData> commands) {
        return call(programs.unmap(), virtualId, commands, iova, 0, bytes, 0);
    }

    private Call<?> call(
            Program<F> program,
            long virtualId,
            @Nullable RefCell<UserData> commands,
            long iova,
            long guestPhysical,
            long bytes,
            int protection) {
        GuestChange change = new GuestChange(space(virtualId), commands, iova, guestPhysical, bytes, protection);
        return new Call<>(program, frame(change));
    }

    @Override
    public final String toString() {
        return name;
    }
}
