package org.iommusim.iommufd.ioctl;

import org.iommusim.hw.driver.Errno;
import org.iommusim.iommufd.mm.Backing;
import org.iommusim.iommufd.mm.MmapFlag;
import org.iommusim.iommufd.mm.MmapRequest;
import org.iommusim.iommufd.mm.Process;
import org.iommusim.iommufd.object.IommufdCtx;
import org.iommusim.iommufd.object.IommufdObject;
import org.iommusim.iommufd.object.MmapRegion;
import org.iommusim.iommufd.object.MmapTree;
import org.iommusim.iommufd.object.ObjectPrograms;
import org.iommusim.sim.memory.PhysicalMemory;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.program.Undo;
import org.iommusim.sim.world.LongCell;
import org.iommusim.sim.world.RefCell;

/** {@code iommufd_fops_mmap} of main.c: maps pages that a driver offers for an object of the context. */
final class IommufdMmap extends Frame {
    private static final long PAGE = PhysicalMemory.PAGE_BYTES;
    static final Footprint MMAP = Footprint.of(MmapTree.MMAP);

    static final Program<IommufdMmap> MAP = Program.<IommufdMmap>named("iommufd_fops_mmap")
            .check("whole pages", f -> f.request.bytes() % PAGE == 0, Errno.EINVAL)
            .check("VM_SHARED", f -> f.request.has(MmapFlag.SHARED), Errno.EINVAL)
            .check("not VM_EXEC", f -> !f.request.has(MmapFlag.EXEC), Errno.EPERM)
            // One section under the tree's lock: the owner's destroy takes the region out only after its users are 0.
            .take(
                    "mtree_load, users++ unless 0",
                    HostCost.ATOMIC,
                    MMAP.and(IommufdObject.USERS, IommufdObject.LIFE),
                    IommufdMmap::find,
                    Undo.onFailure(
                            "users--",
                            ObjectPrograms.USERS,
                            f -> f.region.require().owner().usersDec("iommufd_fops_mmap")))
            .check("exactly the region", IommufdMmap::exact, Errno.ENXIO)
            .attempt("io_remap_pfn_range", HostCost.ALLOCATE, Process.MM, IommufdMmap::remap)
            .step("vma->vm_file", Footprint.of(IommufdCtx.FILE), f -> f.ctx.fileGet())
            .step("vma->vm_private_data", MMAP, f -> f.region.require().countVma(1))
            .build();

    private final IommufdCtx ctx;
    private final Process process;
    private final MmapRequest request;
    private final LongCell result;
    private final RefCell<MmapRegion> region = ref();

    private IommufdMmap(IommufdCtx ctx, Process process, MmapRequest request, LongCell result) {
        super(ctx.kernel().world());
        this.ctx = ctx;
        this.process = process;
        this.request = request;
        this.result = result;
    }

    /**
     * Maps. Errors: EINVAL (parts of pages, not shared), EPERM (executable), ENXIO (nothing is offered there, or not exactly
     * this much), those of {@link Process#mmap}.
     *
     * @param result gets the address
     */
    static Call<?> call(IommufdCtx ctx, Process process, MmapRequest request, LongCell result) {
        return new Call<>(MAP, new IommufdMmap(ctx, process, request, result));
    }

    private int find() {
        MmapRegion found = ctx.mmaps().load(request.offset());
        if (found == null || !found.owner().usersIncNotZero()) {
            return Errno.ENXIO;
        }
        region.set(found);
        return 0;
    }

    /** Finds a region without its owner. */
    int findAlone() {
        MmapRegion found = ctx.mmaps().load(request.offset());
        region.set(found);
        return found == null ? Errno.ENXIO : 0;
    }

    /** The owner of the region that was found. */
    IommufdObject owner() {
        return region.require().owner();
    }

    private boolean exact() {
        MmapRegion found = region.require();
        return found.offset() == request.offset() && found.length() == request.bytes();
    }

    private int remap() {
        MmapRegion found = region.require();
        int injected = ctx.kernel().faults().errno("iommufd_fops_mmap", "io_remap_pfn_range");
        if (injected != 0) {
            return injected;
        }
        Backing pages = Backing.of(ctx.kernel(), found.mmioAddr(), (int) (found.length() / PAGE));
        long address = process.mmap(request.backedBy(pages, new IommufdVma(found)));
        result.set(address);
        return address < 0 ? (int) address : 0;
    }
}
