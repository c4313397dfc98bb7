package org.iommusim.iommufd.ioctl;

import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.driver.HwQueue;
import org.iommusim.iommufd.abi.IommufdIoctl;
import org.iommusim.iommufd.abi.StructWriter;
import org.iommusim.iommufd.access.IommufdAccess;
import org.iommusim.iommufd.device.IommufdHwQueue;
import org.iommusim.iommufd.device.Viommu;
import org.iommusim.iommufd.object.IommufdCtx;
import org.iommusim.iommufd.object.ObjectPrograms;
import org.iommusim.iommufd.object.ObjectType;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.world.LongCell;
import org.iommusim.sim.world.RefCell;

/**
 * IOMMU_HW_QUEUE_ALLOC (viommu.c). Errors in this order: EOPNOTSUPP (flags, type 0), EINVAL (length 0), EOVERFLOW, ENOENT
 * (vIOMMU), EOPNOTSUPP (the driver has no such type), ENOMEM, those of {@link HwQueuePages}, those of the driver, EFAULT. The
 * dispatch publishes the object.
 */
public final class HwQueueAlloc extends IoctlFrame {
    private static final String NAME = "IOMMU_HW_QUEUE_ALLOC";
    private static final Footprint PARTS = Footprint.of(IommufdHwQueue.PARTS);
    private static final Program<HwQueueAlloc> PROGRAM = program();

    private final RefCell<Viommu> viommu = ref();
    private final RefCell<IommufdHwQueue> queue = ref();
    private final RefCell<IommufdAccess> access = ref();
    private final RefCell<HwQueue> driverPart = ref();
    private final LongCell basePa = num();

    private HwQueueAlloc(Ucmd ucmd) {
        super(ucmd);
    }

    private static Program<HwQueueAlloc> program() {
        Program.Builder<HwQueueAlloc> b = Program.named(NAME);
        b.check("flags and type", f -> f.ucmd.u32("flags") == 0 && f.type() != 0, Errno.EOPNOTSUPP);
        b.check("length", f -> f.length() != 0, Errno.EINVAL);
        b.check("does not wrap", f -> Long.compareUnsigned(f.base() + f.length() - 1, f.base()) >= 0, Errno.EOVERFLOW);
        get(b, "viommu", f -> f.ucmd.id("viommu_id"), ObjectType.VIOMMU, Viommu.class, f -> f.viommu, Errno.ENOENT);
        b.check(
                "get_hw_queue_size",
                Footprint.of(Viommu.DRIVER_PART),
                f -> f.viommu.require().driverPart().require().getHwQueueSize(f.type()) != 0,
                Errno.EOPNOTSUPP);
        b.attempt("iommufd_object_alloc", HostCost.ALLOCATE, ObjectPrograms.ENTRY, HwQueueAlloc::allocate);
        b.invoke(
                "iommufd_hw_queue_alloc_phys",
                f -> HwQueuePages.call(f.viommu.require(), f.base(), f.length(), f.access, f.basePa));
        b.step("viommu users++", ObjectPrograms.USERS, f -> f.viommu.require().usersInc(NAME));
        b.step("hw_queue->viommu, access", HostCost.FREE, PARTS, HwQueueAlloc::link);
        b.invoke(
                "hw_queue_init_phys",
                f -> f.viommu
                        .require()
                        .driverPart()
                        .require()
                        .hwQueueInitPhys(f.queue.require(), f.ucmd.u32("index"), f.basePa.get(), f.driverPart));
        b.step(
                "hw_queue->destroy",
                HostCost.FREE,
                PARTS,
                f -> f.queue.require().driverPart().set(f.driverPart.require()));
        return respond(b, NAME).build();
    }

    /** The ioctl's handler with its frame. */
    static Call<HwQueueAlloc> call(Ucmd ucmd) {
        return new Call<>(PROGRAM, new HwQueueAlloc(ucmd));
    }

    /** The same without user memory. */
    public static Call<HwQueueAlloc> call(
            IommufdCtx ctx, long viommuId, int type, int index, long nestingParentIova, long length) {
        return call(Ucmd.of(
                ctx,
                Ucmd.structure(IommufdIoctl.HW_QUEUE_ALLOC)
                        .set("viommu_id", viommuId)
                        .set("type", type)
                        .set("index", index)
                        .set("nesting_parent_iova", nestingParentIova)
                        .set("length", length)));
    }

    private int type() {
        return ucmd.u32("type");
    }

    private long base() {
        return ucmd.u64("nesting_parent_iova");
    }

    private long length() {
        return ucmd.u64("length");
    }

    private int allocate() {
        IommufdHwQueue made = new IommufdHwQueue(viommu.require(), type(), base(), length());
        int error = reserve(NAME, made);
        if (error == 0) {
            queue.set(made);
            newObj().set(made);
        }
        return error;
    }

    private void link() {
        queue.require().link();
        queue.require().access().set(access.require());
    }

    @Override
    protected void answer(StructWriter out) {
        out.set("out_hw_queue_id", outHwQueueId());
    }

    /** {@code out_hw_queue_id}; after success. */
    public int outHwQueueId() {
        return queue.require().id();
    }
}
