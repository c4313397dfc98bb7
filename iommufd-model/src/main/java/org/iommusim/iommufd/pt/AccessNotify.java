package org.iommusim.iommufd.pt;

import org.iommusim.iommufd.object.IommufdObject;
import org.iommusim.iommufd.object.ObjectArray;
import org.iommusim.iommufd.object.ObjectPrograms;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.RefCell;

/** {@code iommufd_access_notify_unmap} of device.c: tells every access of an address space to let go of a range. */
final class AccessNotify extends Frame {
    private static final Footprint LIST = Footprint.of(IoPagetable.ACCESSES);

    private static final Program<AccessNotify> NOTIFY = Program.<AccessNotify>named("iommufd_access_notify_unmap")
            .step("first access", LIST, AccessNotify::next)
            .loop(
                    "each access",
                    f -> f.access.get() != null,
                    b -> b.step(
                                    "iommufd_lock_obj",
                                    ObjectPrograms.GET,
                                    f -> f.locked.set(
                                            ObjectArray.lockUsers(f.object()) && ObjectArray.lockWait(f.object())
                                                    ? 1
                                                    : 0))
                            // As in 7.3: an internal access that was locked here is skipped without a put.
                            .when(
                                    "locked, not internal",
                                    f -> f.locked.get() != 0
                                            && !f.access.require().internal(),
                                    c -> c.invoke(
                                                    "ops->unmap",
                                                    f -> f.access.require().unmap(f.iova, f.length))
                                            .invoke("iommufd_put_object", f -> ObjectPrograms.put(f.object())))
                            .step("next access", HostCost.ATOMIC, LIST, AccessNotify::next))
            .build();

    private final IoPagetable iopt;
    private final long iova;
    private final long length;
    private final RefCell<IoptAccess> access = ref();
    private final IntCell number = count();
    private final IntCell locked = count();

    private AccessNotify(IoPagetable iopt, long iova, long length) {
        super(iopt.kernel().world());
        this.iopt = iopt;
        this.iova = iova;
        this.length = length;
    }

    /** Tells the accesses, one after the other; each has let go when its operation answers. No lock is held. */
    static Call<?> call(IoPagetable iopt, long iova, long length) {
        return new Call<>(NOTIFY, new AccessNotify(iopt, iova, length));
    }

    private IommufdObject object() {
        return access.require().object();
    }

    private void next() {
        int found = iopt.nextAccess(number.get());
        access.set(found < 0 ? null : iopt.access(found));
        number.set(found + 1);
    }
}
