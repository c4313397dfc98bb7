package org.iommusim.iommufd.ioctl;

import org.iommusim.hw.driver.Errno;
import org.iommusim.iommufd.abi.IommufdIoctl;
import org.iommusim.iommufd.abi.StructWriter;
import org.iommusim.iommufd.device.Viommu;
import org.iommusim.iommufd.eventq.Veventq;
import org.iommusim.iommufd.eventq.VeventqList;
import org.iommusim.iommufd.object.IommufdCtx;
import org.iommusim.iommufd.object.IommufdObject;
import org.iommusim.iommufd.object.ObjectPrograms;
import org.iommusim.iommufd.object.ObjectType;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.program.Undo;
import org.iommusim.sim.world.RefCell;

/**
 * IOMMU_VEVENTQ_ALLOC (eventq.c). Errors in this order: EOPNOTSUPP (flags, reserved field, type 0), EINVAL (depth), ENOENT
 * (vIOMMU), EEXIST (it has a queue of this type), ENOMEM, EMFILE, EFAULT.
 *
 * <p>All of it under the veventqs_rwsem, even the copy to user memory: a driver's interrupt thread that has an event for this
 * vIOMMU waits for that, with whatever it holds.
 */
public final class VeventqAlloc extends EventqIoctl {
    private static final String NAME = "IOMMU_VEVENTQ_ALLOC";
    private static final int DEPTH_MAX = 1 << 19;
    private static final Program<VeventqAlloc> PROGRAM = program();

    private final RefCell<Viommu> viommu = ref();
    private final RefCell<Veventq> veventq = ref();

    private VeventqAlloc(Ucmd ucmd) {
        super(ucmd);
    }

    private static Program<VeventqAlloc> program() {
        Program.Builder<VeventqAlloc> b = Program.named(NAME);
        b.check(
                "flags, reserved, type",
                f -> f.ucmd.u32("flags") == 0 && f.ucmd.u32("__reserved") == 0 && f.type() != 0,
                Errno.EOPNOTSUPP);
        b.check("veventq_depth", f -> f.depth() > 0 && f.depth() <= DEPTH_MAX, Errno.EINVAL);
        get(b, "viommu", f -> f.ucmd.id("viommu_id"), ObjectType.VIOMMU, Viommu.class, f -> f.viommu, Errno.ENOENT);
        b.lock("veventqs_rwsem", f -> f.viommu.require().veventqs().rwsem());
        b.check(
                "no queue of this type",
                Footprint.of(VeventqList.VEVENTQS),
                f -> f.viommu.require().veventqs().find(f.type()) == null,
                Errno.EEXIST);
        b.take(
                "iommufd_object_alloc",
                HostCost.ALLOCATE,
                ObjectPrograms.ENTRY,
                VeventqAlloc::allocate,
                Undo.onFailureCall(
                        "iommufd_object_abort_and_destroy", f -> ObjectPrograms.abortAndDestroy(f.veventq.require())));
        b.step("viommu users++", ObjectPrograms.USERS, f -> f.viommu.require().usersInc(NAME));
        b.step(
                "list_add_tail veventqs",
                Footprint.of(VeventqList.VEVENTQS, IommufdObject.LIFE),
                f -> f.viommu.require().veventqs().add(f.veventq.require()));
        open(b, VeventqAlloc::veventq);
        respond(b, NAME);
        finalizeObject(b, f -> f.veventq.require());
        install(b, VeventqAlloc::veventq);
        return b.build();
    }

    /** The ioctl's handler with its frame. */
    static Call<VeventqAlloc> call(Ucmd ucmd) {
        return new Call<>(PROGRAM, new VeventqAlloc(ucmd));
    }

    /** The same without user memory; the caller has the file's first reference. */
    public static Call<VeventqAlloc> call(IommufdCtx ctx, long viommuId, int type, int depth) {
        return call(Ucmd.of(
                ctx,
                Ucmd.structure(IommufdIoctl.VEVENTQ_ALLOC)
                        .set("viommu_id", viommuId)
                        .set("type", type)
                        .set("veventq_depth", depth)));
    }

    private int type() {
        return ucmd.u32("type");
    }

    private long depth() {
        return ucmd.id("veventq_depth");
    }

    @Override
    protected void answer(StructWriter out) {
        out.set("out_veventq_id", veventq().id()).set("out_veventq_fd", fd());
    }

    private int allocate() {
        Viommu on = viommu.require();
        Veventq made = new Veventq(on, on.veventqs(), type(), (int) depth());
        int error = reserve(NAME, made);
        if (error == 0) {
            veventq.set(made);
        }
        return error;
    }

    /** The queue; after success. */
    public Veventq veventq() {
        return veventq.require();
    }
}
