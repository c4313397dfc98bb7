package org.iommusim.iommufd.access;

import java.util.List;
import org.iommusim.iommufd.object.IommufdCtx;
import org.iommusim.iommufd.object.IommufdObject;
import org.iommusim.iommufd.object.ObjectType;
import org.iommusim.iommufd.object.ReferenceSink;
import org.iommusim.iommufd.pt.Ioas;
import org.iommusim.iommufd.pt.IoptAccess;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Lock;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.RefCell;
import org.iommusim.sim.world.Variable;
import org.jspecify.annotations.Nullable;

/** An in-kernel user of an address space ({@code struct iommufd_access}, device.c). */
public final class IommufdAccess extends IommufdObject implements IoptAccess {
    /** The variable of all {@code access->ioas}, {@code access->ioas_unpin} and numbers in access lists. */
    public static final Variable IOAS = Variable.named("iommufd.access.ioas");

    private static final long PAGE = 4096;

    private final @Nullable AccessOps ops;
    private final Lock ioasLock;
    private final RefCell<Ioas> ioas;
    private final RefCell<Ioas> ioasUnpin;
    private final IntCell listNumber;
    private final IntCell lastOfFile;

    /**
     * Memory for an access that is attached to nothing.
     *
     * @param ops of its driver; {@code null}: internal
     */
    IommufdAccess(IommufdCtx ctx, @Nullable AccessOps ops) {
        super(ctx, ObjectType.ACCESS);
        this.ops = ops;
        var world = ctx.kernel().world();
        ioasLock = new Lock(world, "access->ioas_lock", Lock.Kind.MUTEX);
        ioas = new RefCell<>(world, IOAS, stableId());
        ioasUnpin = new RefCell<>(world, IOAS, stableId() + (1L << 40));
        listNumber = new IntCell(world, IOAS, stableId() + (2L << 40), 0);
        lastOfFile = new IntCell(world, IommufdCtx.FILE, stableId() + (3L << 40), 0);
    }

    @Override
    public Call<?> destroy() {
        return AccessLife.destroyObject(this);
    }

    @Override
    public String detail() {
        return internal() ? "internal" : "";
    }

    @Override
    public void holds(ReferenceSink sink) {
        sink.users(this, 1, "its driver");
        Ioas attached = ioasUnpin.get();
        if (attached != null) {
            sink.users(attached, 1, this + " is attached");
        }
        if (!internal()) {
            sink.file(ctx(), this + " is open");
        }
    }

    @Override
    protected List<Lock> locks() {
        return List.of(ioasLock);
    }

    @Override
    public long iovaAlignment() {
        return ops == null || ops.needsPinPages() ? PAGE : 1;
    }

    @Override
    public boolean internal() {
        return ops == null;
    }

    @Override
    public IommufdObject object() {
        return this;
    }

    @Override
    public @Nullable Call<?> unmap(long iova, long length) {
        return ops == null ? null : ops.unmap(iova, length);
    }

    /** {@code access->ioas_lock}. */
    public Lock ioasLock() {
        return ioasLock;
    }

    /** {@code access->ioas}: where it may pin; null while it moves. Under {@link #ioasLock}. */
    public RefCell<Ioas> ioas() {
        return ioas;
    }

    /** {@code access->ioas_unpin}: where it may unpin. Under {@link #ioasLock}. */
    RefCell<Ioas> ioasUnpin() {
        return ioasUnpin;
    }

    /** {@code iopt_access_list_id}. */
    IntCell listNumber() {
        return listNumber;
    }

    /** {@code iommufd_ctx_put} of its reference. */
    void ctxPut() {
        lastOfFile.set(ctx().filePut() ? 1 : 0);
    }

    /** True if its reference was the file's last: its destroyer carries the release of the context out. */
    boolean lastOfFile() {
        return lastOfFile.get() != 0;
    }
}
