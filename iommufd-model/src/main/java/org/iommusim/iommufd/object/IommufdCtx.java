package org.iommusim.iommufd.object;

import org.iommusim.sim.program.Lock;
import org.iommusim.sim.program.WaitQueue;
import org.iommusim.sim.world.Identified;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.RefCell;
import org.iommusim.sim.world.Variable;
import org.iommusim.sim.world.World;

/**
 * One open /dev/iommu file with its context ({@code struct iommufd_ctx}): the objects, and who keeps the file open. The
 * file is held by its descriptor, by each ioctl in progress, by each bound device object and by each VFIO device file that
 * is bound to it; when the last one lets go, {@link ObjectPrograms#release} follows.
 */
public final class IommufdCtx implements Identified {
    /** The variable of all file reference counts. */
    public static final Variable FILE = Variable.named("iommufd.ctx.file");
    /** The variable of all tables of iommu groups of a context. */
    public static final Variable GROUPS = Variable.named("iommufd.ctx.groups");
    /** The variable of all {@code ictx->vfio_ioas}. */
    public static final Variable VFIO_IOAS = Variable.named("iommufd.ctx.vfio_ioas");
    /** The variable of all {@code ictx->account_mode}. */
    public static final Variable ACCOUNT_MODE = Variable.named("iommufd.ctx.account_mode");

    private final Kernel kernel;
    private final String name;
    private final long instance;
    private final ObjectArray objects;
    private final WaitQueue destroyWait;
    private final WaitQueue userPages;
    private final IntCell file;
    private final IntCell released;
    private final CellList<Identified> groups;
    private final MmapTree mmaps;
    private final RefCell<IommufdObject> vfioIoas;
    private final IntCell accountByMm;
    private final Lock ioasCreationLock;

    /**
     * Opens a context; the caller's descriptor is its first reference.
     *
     * @param name for humans, e.g. {@code vmm0.iommufd}
     */
    public IommufdCtx(Kernel kernel, String name) {
        this.kernel = kernel;
        this.name = name;
        World world = kernel.world();
        instance = world.nextInstance();
        objects = new ObjectArray(this);
        destroyWait = new WaitQueue(world, name + " destroy_wait");
        userPages = WaitQueue.outside(world, name + " user pages");
        file = new IntCell(world, FILE, instance, 1);
        released = new IntCell(world, FILE, instance + (1L << 40), 0);
        groups = new CellList<>(world, GROUPS);
        mmaps = new MmapTree(world);
        vfioIoas = new RefCell<>(world, VFIO_IOAS, instance);
        accountByMm = new IntCell(world, ACCOUNT_MODE, instance, 0);
        ioasCreationLock = new Lock(world, name + " ioas_creation_lock", Lock.Kind.RW_SEMAPHORE);
    }

    /** The kernel. */
    public Kernel kernel() {
        return kernel;
    }

    /** Name for humans. */
    public String name() {
        return name;
    }

    /** {@code ictx->objects}. */
    public ObjectArray objects() {
        return objects;
    }

    /** {@code ictx->destroy_wait}: removers sleep here until temporary references are gone. */
    public WaitQueue destroyWait() {
        return destroyWait;
    }

    /** Where callers sleep whose memory lacks a page that user space withholds. */
    public WaitQueue userPages() {
        return userPages;
    }

    /** {@code ictx->groups}: the iommu groups whose devices are bound here. */
    public CellList<Identified> groups() {
        return groups;
    }

    /** The count of references on the file. */
    public IntCell fileCell() {
        return file;
    }

    /** {@code ictx->mt_mmap}: what user space may map of the hardware. */
    public MmapTree mmaps() {
        return mmaps;
    }

    /** {@code ictx->vfio_ioas}, under {@code xa_lock}: what the commands of a VFIO container mean; it is not held. */
    public RefCell<IommufdObject> vfioIoas() {
        return vfioIoas;
    }

    /** {@code ictx->account_mode}: true if pinned pages count for the process, false if for the user. */
    public boolean accountByMm() {
        return accountByMm.get() != 0;
    }

    /** Sets {@code ictx->account_mode}. */
    public void accountByMm(boolean byMm) {
        accountByMm.set(byMm ? 1 : 0);
    }

    /** {@code ictx->ioas_creation_lock}: held for writing while no IOAS may be made. */
    public Lock ioasCreationLock() {
        return ioasCreationLock;
    }

    /** References on the file. */
    public int fileReferences() {
        return file.get();
    }

    /** {@code iommufd_ctx_get}, {@code fget}. */
    public void fileGet() {
        if (file.get() == 0) {
            kernel.warn("iommufd_ctx_get", "the file of " + name + " is gone");
        }
        file.add(1);
    }

    /**
     * {@code iommufd_ctx_put}, {@code fput}.
     *
     * @return true if it was the last one: the caller's system call ends with {@link ObjectPrograms#release}
     */
    public boolean filePut() {
        int left = file.add(-1);
        if (left < 0) {
            kernel.warn("fput", "the file of " + name + " is put too often");
        }
        return left == 0;
    }

    /** True once everything was freed. */
    public boolean released() {
        return released.get() != 0;
    }

    void setReleased() {
        released.set(1);
    }

    @Override
    public long stableId() {
        return instance;
    }

    @Override
    public String toString() {
        return name;
    }
}
