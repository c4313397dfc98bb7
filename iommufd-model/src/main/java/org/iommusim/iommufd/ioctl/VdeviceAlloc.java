package org.iommusim.iommufd.ioctl;

import org.iommusim.hw.driver.Errno;
import org.iommusim.iommufd.abi.IommufdIoctl;
import org.iommusim.iommufd.abi.StructWriter;
import org.iommusim.iommufd.device.Idev;
import org.iommusim.iommufd.device.IommufdGroup;
import org.iommusim.iommufd.device.Vdevice;
import org.iommusim.iommufd.device.Viommu;
import org.iommusim.iommufd.object.IommufdCtx;
import org.iommusim.iommufd.object.ObjectPrograms;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.variant.Knob;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.RefCell;

/**
 * IOMMU_VDEVICE_ALLOC (viommu.c): the frame. What it does, and which errors come in which order, depends on the kernel: see
 * {@link VdeviceAllocPrograms}.
 */
public final class VdeviceAlloc extends IoctlFrame {
    static final String NAME = "IOMMU_VDEVICE_ALLOC";

    /** A driver's mistake. */
    static final Knob SIZE_TOO_SMALL =
            Knob.flag("driver.vdevice-size-too-small", "a driver's vDEVICEs are smaller than the core's part of them");

    final RefCell<Viommu> viommu = ref();
    final RefCell<Idev> idev = ref();
    final RefCell<Vdevice> vdev = ref();
    /** What a mended kernel holds until it has left the igroup's lock. */
    final RefCell<IommufdGroup> igroup = ref();

    /** The answer of a check whose failure takes a way of its own. */
    final IntCell error = count();

    private VdeviceAlloc(Ucmd ucmd) {
        super(ucmd);
    }

    /** The ioctl's handler with its frame. */
    static Call<VdeviceAlloc> call(Ucmd ucmd) {
        return new Call<>(
                ucmd.ctx().kernel().policy().programs().get(VdeviceAllocPrograms.SLOT), new VdeviceAlloc(ucmd));
    }

    /** The same without user memory. */
    public static Call<VdeviceAlloc> call(IommufdCtx ctx, long viommuId, long devId, long virtId) {
        return call(Ucmd.of(
                ctx,
                Ucmd.structure(IommufdIoctl.VDEVICE_ALLOC)
                        .set("viommu_id", viommuId)
                        .set("dev_id", devId)
                        .set("virt_id", virtId)));
    }

    long virtId() {
        return ucmd.u64("virt_id");
    }

    long viommuId() {
        return ucmd.id("viommu_id");
    }

    long devId() {
        return ucmd.id("dev_id");
    }

    Call<?> putIdev() {
        return ObjectPrograms.put(idev.require());
    }

    Call<?> abort() {
        return ObjectPrograms.abortAndDestroy(vdev.require());
    }

    @Override
    protected void answer(StructWriter out) {
        out.set("out_vdevice_id", outVdeviceId());
    }

    int allocate() {
        if (ctx.kernel().simulation().knobs().on(SIZE_TOO_SMALL)) {
            return Errno.EOPNOTSUPP;
        }
        Vdevice made = new Vdevice(viommu.require(), idev.require(), virtId());
        int error = reserve(NAME, made);
        if (error == 0) {
            vdev.set(made);
        }
        return error;
    }

    /** Leaves the errno of a driver whose vDEVICEs are smaller than the core's part of them. */
    void readDriverSize() {
        boolean tooSmall = ctx.kernel().simulation().knobs().on(SIZE_TOO_SMALL);
        error.set(tooSmall ? Errno.EOPNOTSUPP : ctx.kernel().faults().errno(NAME, "vdevice_size", Errno.EOPNOTSUPP));
    }

    /** Reserves the virtual id; {@code step} is the name under which a test makes it fail. */
    int reserveVirtId(String step) {
        int injected = injected(NAME, step);
        if (injected != 0) {
            return injected;
        }
        return viommu.require().reserve(virtId()) ? 0 : Errno.EEXIST;
    }

    /** Puts the vDEVICE at its virtual id; {@code taken} is the answer if somebody is there. */
    int insert(String step, int taken) {
        int injected = injected(NAME, step);
        if (injected != 0) {
            return injected;
        }
        return viommu.require().insert(vdev.require()) ? 0 : taken;
    }

    /** {@code out_vdevice_id}; after success. */
    public int outVdeviceId() {
        return vdev.require().id();
    }
}
