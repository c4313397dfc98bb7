package org.iommusim.iommufd.ioctl;

import org.iommusim.hw.driver.Errno;
import org.iommusim.iommufd.abi.StructWriter;
import org.iommusim.iommufd.file.FilePages;
import org.iommusim.iommufd.file.FileTable;
import org.iommusim.iommufd.file.KernelFile;
import org.iommusim.iommufd.mm.PageSource;
import org.iommusim.iommufd.mm.Process;
import org.iommusim.iommufd.object.ObjectType;
import org.iommusim.iommufd.pt.Ioas;
import org.iommusim.iommufd.pt.IoptMapSource;
import org.iommusim.sim.memory.PhysicalMemory;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.world.LongCell;
import org.iommusim.sim.world.RefCell;
import org.iommusim.sim.world.Variable;

/**
 * IOMMU_IOAS_MAP_FILE (ioas.c). Errors in this order: EOPNOTSUPP (flags), EOVERFLOW (iova or length is 2^64-1), EINVAL (neither
 * readable nor writable), ENOENT, EINVAL (length 0), EOVERFLOW (start wraps), EBADF, for a dma-buf EINVAL (beyond its end) and
 * ENODEV (revoked), those of {@link IoptMapSource}, EFAULT of the answer (the map stays). A file that has no pages to map
 * is found out when they are pinned: EINVAL.
 */
public final class IoasMapFile extends IoctlFrame {
    private static final String NAME = "IOMMU_IOAS_MAP_FILE";
    private static final long PAGE = PhysicalMemory.PAGE_BYTES;
    private static final Footprint FGET = Footprint.of(FileTable.FILES, PageSource.REVOKED)
            .and(Process.MM.variables().toArray(Variable[]::new));
    private static final Program<IoasMapFile> PROGRAM = program();

    private final LongCell iova = num();
    private final RefCell<Ioas> ioas = ref();
    private final RefCell<PageSource> source = ref();

    private IoasMapFile(Ucmd ucmd) {
        super(ucmd);
        iova.set(ucmd.u64("iova"));
    }

    private static Program<IoasMapFile> program() {
        Program.Builder<IoasMapFile> b = Program.named(NAME);
        b.check("flags", f -> MapFlags.known(f.ucmd), Errno.EOPNOTSUPP);
        b.check("iova and length", f -> f.iova.get() != -1L && f.length() != -1L, Errno.EOVERFLOW);
        b.check("readable or writable", f -> MapFlags.protection(f.ucmd) != 0, Errno.EINVAL);
        get(b, "ioas", f -> f.ucmd.id("ioas_id"), ObjectType.IOAS, Ioas.class, f -> f.ioas, Errno.ENOENT);
        b.check("not empty", f -> f.length() != 0, Errno.EINVAL);
        b.check(
                "start does not wrap",
                f -> Long.compareUnsigned(f.start() + f.length() - 1, f.start()) >= 0,
                Errno.EOVERFLOW);
        b.attempt("fget", HostCost.ATOMIC, FGET, IoasMapFile::open);
        b.invoke("iopt_map_file_pages", IoasMapFile::map);
        return respond(b, NAME).build();
    }

    /** The ioctl's handler with its frame. */
    static Call<IoasMapFile> call(Ucmd ucmd) {
        return new Call<>(PROGRAM, new IoasMapFile(ucmd));
    }

    private long start() {
        return ucmd.u64("start");
    }

    private long length() {
        return ucmd.u64("length");
    }

    private int open() {
        KernelFile file = ucmd.files().file(ucmd.u32("fd"));
        return file == null ? Errno.EBADF : FilePages.open(file, start() & -PAGE, start() + length(), source);
    }

    private Call<?> map() {
        return IoptMapSource.source(
                ioas.require().iopt(), source.require(), start() & PAGE - 1, MapFlags.request(ucmd, length(), iova));
    }

    @Override
    protected void answer(StructWriter out) {
        out.set("iova", iova.get());
    }
}
