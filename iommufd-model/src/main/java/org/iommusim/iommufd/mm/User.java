package org.iommusim.iommufd.mm;

import org.iommusim.iommufd.object.Kernel;
import org.iommusim.sim.world.Identified;
import org.iommusim.sim.world.LongCell;
import org.iommusim.sim.world.Variable;

/** A user ({@code struct user_struct}): all processes of the user together may lock only so much memory. */
public final class User implements Identified {
    /** The variable of what users have locked ({@code user->locked_vm}). */
    public static final Variable LOCKED_VM = Variable.named("mm.user.locked_vm");

    private final int uid;
    private final long instance;
    private final LongCell lockedVm;

    /** A user that has nothing locked. */
    public User(Kernel kernel, int uid) {
        this.uid = uid;
        instance = kernel.world().nextInstance();
        lockedVm = new LongCell(kernel.world(), LOCKED_VM, instance, 0);
    }

    /** The user's number. */
    public int uid() {
        return uid;
    }

    /** Pages locked. */
    public long lockedPages() {
        return lockedVm.get();
    }

    void addLocked(long pages) {
        lockedVm.add(pages);
    }

    @Override
    public long stableId() {
        return instance;
    }
}
