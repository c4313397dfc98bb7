package org.iommusim.iommufd.access;

import java.util.Arrays;
import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.driver.PagingDomain;
import org.iommusim.iommufd.pt.AreaAccess;
import org.iommusim.iommufd.pt.IoPagetable;
import org.iommusim.iommufd.pt.Ioas;
import org.iommusim.iommufd.pt.IoptArea;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.world.LongCell;
import org.iommusim.sim.world.RefCell;

/** {@code iommufd_access_pin_pages} and {@code iommufd_access_unpin_pages} of device.c. */
public final class AccessPin extends Frame {
    private static final Footprint IOAS = Footprint.of(IommufdAccess.IOAS);
    private static final long PAGE = 4096;

    /** Gives back [iova, end): areas stand still under iova_rwsem, so what was found before is found again. */
    private static final Program<AccessPin> REMOVE = Program.<AccessPin>named("iopt_area_remove_access, each")
            .step("back to the first area", IoPagetable.LOOK, f -> f.begin())
            .loop(
                    "each area",
                    f -> f.area.get() != null,
                    b -> b.invoke(
                                    "iopt_area_remove_access",
                                    f -> AreaAccess.remove(
                                            f.area.require(), f.cursor.get(), f.sliceLast(), f.access.internal()))
                            .step("next area", HostCost.LOCAL, IoPagetable.LOOK, AccessPin::advance))
            .build();

    private static final Program<AccessPin> PIN = Program.<AccessPin>named("iommufd_access_pin_pages")
            .check("it pins pages", f -> f.access.iovaAlignment() == PAGE, Errno.EINVAL)
            .check("length", f -> f.length != 0, Errno.EINVAL)
            .check("does not wrap", f -> Long.compareUnsigned(f.last(), f.iova) >= 0, Errno.EOVERFLOW)
            .lock("access->ioas_lock", f -> f.access.ioasLock())
            .check("access->ioas", IOAS, f -> f.access.ioas().get() != null, Errno.ENOENT)
            .step("iopt", IOAS, f -> f.ioas.set(f.access.ioas().get()))
            .lockShared("iova_rwsem", f -> f.iopt().iovaRwsem())
            .guarded(
                    "pin",
                    b -> b.attempt("first area", HostCost.LOCAL, IoPagetable.LOOK, AccessPin::first)
                            .loop(
                                    "each area",
                                    f -> f.area.get() != null,
                                    c -> c.attempt(
                                                    "may be pinned",
                                                    HostCost.LOCAL,
                                                    IoPagetable.LOOK,
                                                    AccessPin::checkArea)
                                            .invoke(
                                                    "iopt_area_add_access",
                                                    f -> AreaAccess.add(
                                                            f.area.require(),
                                                            f.cursor.get(),
                                                            f.sliceLast(),
                                                            f.write,
                                                            f.access.internal(),
                                                            f::add))
                                            .attempt(
                                                    "to the next area",
                                                    HostCost.LOCAL,
                                                    IoPagetable.LOOK,
                                                    AccessPin::advanceOrHole)),
                    b -> b.when(
                            "areas were pinned",
                            f -> f.cursor.get() != f.iova,
                            c -> c.step(
                                            "only those",
                                            HostCost.FREE,
                                            Footprint.LOCAL,
                                            f -> f.end.set(f.cursor.get() - 1))
                                    .invoke("iopt_area_remove_access, each", f -> new Call<>(REMOVE, f))))
            .build();

    private static final Program<AccessPin> UNPIN = Program.<AccessPin>named("iommufd_access_unpin_pages")
            .lock("access->ioas_lock", f -> f.access.ioasLock())
            .check("access->ioas_unpin", IOAS, f -> f.access.ioasUnpin().get() != null, Errno.EINVAL)
            .step("iopt", IOAS, f -> f.ioas.set(f.access.ioasUnpin().get()))
            .lockShared("iova_rwsem", f -> f.iopt().iovaRwsem())
            .invoke("iopt_area_remove_access, each", f -> new Call<>(REMOVE, f))
            .build();

    private final IommufdAccess access;
    private final long iova;
    private final long length;
    private final boolean write;
    private final RefCell<Ioas> ioas = ref();
    private final RefCell<IoptArea> area = ref();
    private final RefCell<long[]> frames = ref();
    private final LongCell cursor = num();
    private final LongCell end = num();

    private AccessPin(IommufdAccess access, long iova, long length, boolean write) {
        super(access.ctx().kernel().world());
        this.access = access;
        this.iova = iova;
        this.length = length;
        this.write = write;
        frames.set(new long[0]);
        cursor.set(iova);
        end.set(last());
    }

    /**
     * Pins the pages behind a range of addresses. Errors in this order: EINVAL (it does not pin pages; length 0), EOVERFLOW
     * (wraps), ENOENT (it is attached to nothing); then by rising address: ENOENT (a hole), EINVAL (an unmap is in progress,
     * or a page is mapped in part), EPERM (not mapped for it), EFAULT, ENOMEM; then nothing is pinned.
     */
    public static Call<AccessPin> pin(IommufdAccess access, long iova, long length, boolean write) {
        return new Call<>(PIN, new AccessPin(access, iova, length, write));
    }

    /** Gives back what was pinned with the same range. */
    public static Call<?> unpin(IommufdAccess access, long iova, long length) {
        return new Call<>(UNPIN, new AccessPin(access, iova, length, false));
    }

    /** The physical address of each page, by rising address; after success. */
    public long[] frames() {
        return frames.require().clone();
    }

    private long last() {
        return iova + length - 1;
    }

    private IoPagetable iopt() {
        return ioas.require().iopt();
    }

    private long sliceLast() {
        long areaLast = area.require().last();
        return Long.compareUnsigned(areaLast, end.get()) < 0 ? areaLast : end.get();
    }

    private void begin() {
        cursor.set(iova);
        area.set(iopt().contiguousArea(iova));
    }

    private int first() {
        begin();
        return area.get() == null ? Errno.ENOENT : 0;
    }

    /** {@code iopt_area_contig_is_aligned}, {@code check_area_prot}. */
    private int checkArea() {
        IoptArea current = area.require();
        boolean begins = current.startsPage(cursor.get());
        boolean ends = sliceLast() == end.get() || current.startsPage(current.last() + 1);
        if (current.preventAccess() || !begins || !ends) {
            return Errno.EINVAL;
        }
        int needed = write ? PagingDomain.PROT_WRITE : PagingDomain.PROT_READ;
        return (current.protection() & needed) == 0 ? Errno.EPERM : 0;
    }

    private void add(long[] more) {
        long[] before = frames.require();
        long[] after = Arrays.copyOf(before, before.length + more.length);
        System.arraycopy(more, 0, after, before.length, more.length);
        frames.set(after);
    }

    private void advance() {
        IoptArea next = null;
        if (sliceLast() != end.get()) {
            cursor.set(sliceLast() + 1);
            next = iopt().contiguousArea(cursor.get());
        }
        area.set(next);
    }

    private int advanceOrHole() {
        boolean done = sliceLast() == end.get();
        advance();
        return done || area.get() != null ? 0 : Errno.ENOENT;
    }
}
