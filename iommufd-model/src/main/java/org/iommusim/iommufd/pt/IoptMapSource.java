package org.iommusim.iommufd.pt;

import java.util.List;
import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.driver.PagingDomain;
import org.iommusim.iommufd.mm.AccountMode;
import org.iommusim.iommufd.mm.PageSource;
import org.iommusim.iommufd.mm.PinPayer;
import org.iommusim.iommufd.mm.Process;
import org.iommusim.iommufd.mm.UserPages;
import org.iommusim.sim.memory.PhysicalMemory;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.world.LongCell;
import org.iommusim.sim.world.RefCell;

/** {@code iopt_map_user_pages} and {@code iopt_map_file_pages} of io_pagetable.c. */
public final class IoptMapSource extends Frame {
    private static final long PAGE = PhysicalMemory.PAGE_BYTES;

    private static final Program<IoptMapSource> MAP = Program.<IoptMapSource>named("iopt_map_common")
            .attempt("iopt_alloc_pages", HostCost.ALLOCATE, IoptPages.PIN, IoptMapSource::allocate)
            .invoke(
                    "iopt_map_pages",
                    f -> IoptMap.call(f.iopt, f.list, f.request.protection, f.request.fixed, f.request.iova))
            .build();

    private static final Program<IoptMapSource> MAP_USER = Program.<IoptMapSource>named("iopt_map_user_pages")
            .check("va + length does not wrap", IoptMapSource::endFits, Errno.EOVERFLOW)
            .invoke("iopt_map_common", f -> new Call<>(MAP, f))
            .build();

    private final IoPagetable iopt;
    private final Request request;
    private final PageSource source;
    private final long startByte;
    private final RefCell<PagesList> list = ref();

    private IoptMapSource(IoPagetable iopt, Request request, PageSource source, long startByte) {
        super(iopt.kernel().world());
        this.iopt = iopt;
        this.request = request;
        this.source = source;
        this.startByte = startByte;
    }

    /**
     * What is to be mapped, and where.
     *
     * @param length bytes
     * @param protection bits of {@link PagingDomain}
     * @param fixed true: at the address in {@code iova}; false: the kernel chooses and leaves the address there
     * @param payer who pays for pinned pages
     * @param account against which limit they count
     */
    public record Request(
            long length, int protection, boolean fixed, LongCell iova, PinPayer payer, AccountMode account) {}

    /**
     * Maps memory of a process. Errors in this order: EOVERFLOW (wraps), EINVAL (length 0 or above 2^64-1-4096), then those of
     * {@link IoptMap}.
     */
    public static Call<?> user(IoPagetable iopt, Process process, long va, Request request) {
        PageSource pages = new UserPages(process, va & -PAGE);
        return new Call<>(MAP_USER, new IoptMapSource(iopt, request, pages, va & PAGE - 1));
    }

    /**
     * Maps a part of a file or dma-buf. Errors: EINVAL (length), ENOMEM, then those of {@link IoptMap}.
     *
     * @param source its pages from the one on that holds the first byte; it is released on an error
     * @param startByte where in that page the first byte lies
     */
    public static Call<?> source(IoPagetable iopt, PageSource source, long startByte, Request request) {
        return new Call<>(MAP, new IoptMapSource(iopt, request, source, startByte));
    }

    private boolean endFits() {
        long va = source.start() + startByte;
        return Long.compareUnsigned(va + request.length, va) >= 0;
    }

    private int allocate() {
        if (request.length == 0 || Long.compareUnsigned(request.length, -1L - PAGE) > 0) {
            source.release();
            return Errno.EINVAL;
        }
        int injected = iopt.injected("iopt_map_common", "iopt_alloc_pages");
        if (injected != 0) {
            source.release();
            return injected;
        }
        boolean writable = (request.protection & PagingDomain.PROT_WRITE) != 0;
        IoptPages pages = new IoptPages(
                iopt.kernel(), source, request.payer, request.account, startByte + request.length, writable);
        list.set(new PagesList(List.of(new PagesSlice(iopt.kernel().world(), pages, startByte, request.length))));
        return 0;
    }
}
