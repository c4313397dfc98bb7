package org.iommusim.iommufd.access;

import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.driver.PagingDomain;
import org.iommusim.iommufd.mm.Process;
import org.iommusim.iommufd.pt.IoPagetable;
import org.iommusim.iommufd.pt.Ioas;
import org.iommusim.iommufd.pt.IoptArea;
import org.iommusim.iommufd.pt.PagesCopy;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.RefCell;

/** {@code iommufd_access_rw} of device.c: copies bytes of mapped memory by the CPU. */
public final class AccessRw extends Frame {
    private static final Footprint IOAS = Footprint.of(IommufdAccess.IOAS);

    private static final Program<AccessRw> RW = Program.<AccessRw>named("iommufd_access_rw")
            .check("length", f -> f.length != 0, Errno.EINVAL)
            .check("does not wrap", f -> Long.compareUnsigned(f.last(), f.iova) >= 0, Errno.EOVERFLOW)
            .lock("access->ioas_lock", f -> f.access.ioasLock())
            .check("access->ioas", IOAS, f -> f.access.ioas().get() != null, Errno.ENOENT)
            .step("iopt", IOAS, f -> f.ioas.set(f.access.ioas().get()))
            .lockShared("iova_rwsem", f -> f.iopt().iovaRwsem())
            .loop(
                    "each area",
                    f -> f.done.get() < f.length,
                    b -> b.attempt("next area", HostCost.LOCAL, IoPagetable.LOOK, AccessRw::next)
                            .invoke("iopt_pages_rw_access", AccessRw::copy)
                            .step("copied", HostCost.FREE, Footprint.LOCAL, f -> f.done.add(f.slice())))
            .build();

    private final IommufdAccess access;
    private final Process current;
    private final long iova;
    private final byte[] data;
    private final int length;
    private final boolean write;
    private final boolean slow;
    private final RefCell<Ioas> ioas = ref();
    private final RefCell<IoptArea> area = ref();
    private final IntCell done = count();

    private AccessRw(IommufdAccess access, Process current, long iova, byte[] data, boolean write, boolean slow) {
        super(access.ctx().kernel().world());
        this.access = access;
        this.current = current;
        this.iova = iova;
        this.data = data;
        length = data.length;
        this.write = write;
        this.slow = slow;
    }

    /**
     * Copies. Errors in this order: EINVAL (no bytes), EOVERFLOW (wraps), ENOENT (it is attached to nothing); then by rising
     * address: ENOENT (a hole), EINVAL (an unmap is in progress), EPERM (not mapped for it), EINVAL (a dma-buf), EFAULT; what
     * was copied before an error stays.
     *
     * @param current who asks
     * @param data what is written, or takes what is read
     * @param slow by pages as a device would see them, even for the process's own memory ({@code RW_SLOW_PATH})
     */
    public static Call<?> call(
            IommufdAccess access, Process current, long iova, byte[] data, boolean write, boolean slow) {
        return new Call<>(RW, new AccessRw(access, current, iova, data, write, slow));
    }

    private long last() {
        return iova + length - 1;
    }

    private IoPagetable iopt() {
        return ioas.require().iopt();
    }

    private long cursor() {
        return iova + done.get();
    }

    private int slice() {
        int left = length - done.get();
        long inArea = area.require().last() - cursor();
        return Long.compareUnsigned(inArea, left) < 0 ? (int) inArea + 1 : left;
    }

    private int next() {
        IoptArea found = iopt().contiguousArea(cursor());
        if (found == null) {
            return Errno.ENOENT;
        }
        area.set(found);
        if (found.preventAccess()) {
            return Errno.EINVAL;
        }
        int needed = write ? PagingDomain.PROT_WRITE : PagingDomain.PROT_READ;
        return (found.protection() & needed) == 0 ? Errno.EPERM : 0;
    }

    private Call<?> copy() {
        return PagesCopy.call(
                area.require(), cursor(), new PagesCopy.Bytes(data, done.get(), slice()), write, slow, current);
    }
}
