package org.iommusim.iommufd.file;

import org.iommusim.iommufd.mm.Backing;
import org.iommusim.iommufd.mm.MmapRequest;
import org.iommusim.iommufd.mm.Process;
import org.iommusim.iommufd.object.Kernel;
import org.iommusim.sim.memory.PhysicalMemory;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.world.LongCell;

/** A file of memory ({@code memfd_create}), of a fixed size. Its pages live as long as the file, a map or a pin does. */
public final class MemFd extends KernelFile {
    private static final Program<Map> MMAP = Program.<Map>named("shmem_mmap")
            .attempt("mmap", HostCost.LOCAL, Process.MM, Map::mmap)
            .build();
    private static final Program<Release> RELEASE = Program.<Release>named("shmem_evict_inode")
            .step("drop pages", Process.MM, f -> f.backing.put())
            .build();

    private final Backing backing;
    private final long bytes;

    /** Makes a file without pages. */
    public MemFd(Kernel kernel, long bytes) {
        super(kernel, "memfd");
        this.bytes = bytes;
        long pages = (bytes + PhysicalMemory.PAGE_BYTES - 1) / PhysicalMemory.PAGE_BYTES;
        backing = new Backing(kernel, (int) pages, false);
    }

    /** Its size. */
    public long bytes() {
        return bytes;
    }

    /** Its pages. */
    public Backing backing() {
        return backing;
    }

    @Override
    public Call<?> mmap(Caller caller, MmapRequest request, LongCell result) {
        return new Call<>(MMAP, new Map(this, caller.process(), request.backedBy(backing), result));
    }

    @Override
    public Call<?> release() {
        return new Call<>(RELEASE, new Release(this));
    }

    private static final class Map extends Frame {
        private final Process process;
        private final MmapRequest request;
        private final LongCell result;

        Map(MemFd file, Process process, MmapRequest request, LongCell result) {
            super(file.kernel().world());
            this.process = process;
            this.request = request;
            this.result = result;
        }

        private int mmap() {
            long va = process.mmap(request);
            result.set(va);
            return va < 0 ? (int) va : 0;
        }
    }

    private static final class Release extends Frame {
        private final Backing backing;

        Release(MemFd file) {
            super(file.kernel().world());
            backing = file.backing;
        }
    }
}
