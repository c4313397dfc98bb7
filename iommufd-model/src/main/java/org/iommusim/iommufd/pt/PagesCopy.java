package org.iommusim.iommufd.pt;

import org.iommusim.hw.driver.Errno;
import org.iommusim.iommufd.mm.PageSource;
import org.iommusim.iommufd.mm.Process;
import org.iommusim.iommufd.mm.UserPages;
import org.iommusim.sim.memory.PhysicalMemory;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;

/**
 * {@code iopt_pages_rw_access} of pages.c. The fast way copies by the process's addresses as they are now, the slow way sees
 * what devices see: pages that are pinned already are used, others are pinned for as long as the copy takes.
 */
public final class PagesCopy extends Frame {
    private static final Footprint COPY = IoptPages.PIN.and(IoptArea.AREA, PhysicalMemory.WORD);
    private static final long PAGE = PhysicalMemory.PAGE_BYTES;

    private static final Program<PagesCopy> RW = Program.<PagesCopy>named("iopt_pages_rw_access")
            .check("writable", f -> !f.write || f.pages.writable(), Errno.EPERM)
            .check("not a dma-buf", f -> f.pages.source().kind() != PageSource.Kind.DMABUF, Errno.EINVAL)
            .when("slow", f -> f.slow, b -> b.lock("pages->mutex", f -> f.pages.mutex()))
            .attempt("copy", HostCost.USER_COPY, COPY, PagesCopy::copy)
            .build();

    private final IoptPages pages;
    private final long startByte;
    private final Bytes bytes;
    private final boolean write;
    private final boolean slow;

    private PagesCopy(IoptPages pages, long startByte, Bytes bytes, boolean write, boolean slow) {
        super(pages.kernel().world());
        this.pages = pages;
        this.startByte = startByte;
        this.bytes = bytes;
        this.write = write;
        this.slow = slow;
    }

    /**
     * A part of a buffer of the kernel.
     *
     * @param offset of the first byte
     * @param length bytes, at least 1
     */
    public record Bytes(byte[] data, int offset, int length) {}

    /**
     * Copies between a buffer and one area's pages. Errors in this order: EPERM (write of read-only pages), EINVAL (a dma-buf),
     * EFAULT, EINVAL (the file has no such pages).
     *
     * @param iova of the first byte, in the area
     * @param slow the caller wants the slow way; pages of a file, or of another process than {@code current}, that are more
     *     than one take it anyway
     */
    public static Call<?> call(IoptArea area, long iova, Bytes bytes, boolean write, boolean slow, Process current) {
        IoptPages pages = area.requirePages();
        long start = area.startByte(iova);
        boolean user = pages.source().kind() == PageSource.Kind.USER;
        boolean changesMm = slow || pages.source() instanceof UserPages own && own.process() != current;
        boolean onePage = start / PAGE == (start + bytes.length - 1) / PAGE;
        return new Call<>(RW, new PagesCopy(pages, start, bytes, write, !user || changesMm && !onePage));
    }

    private int copy() {
        long first = startByte / PAGE;
        long last = (startByte + bytes.length - 1) / PAGE;
        int done = 0;
        for (long index = first; index <= last; index++) {
            long from = index == first ? startByte % PAGE : 0;
            int n = (int) Math.min(PAGE - from, bytes.length - done);
            int error = copyPage(index, from, done, n);
            if (error != 0) {
                return error;
            }
            done += n;
        }
        return 0;
    }

    private int copyPage(long index, long from, int done, int n) {
        if (slow && pages.pinned(index)) {
            move(pages.frame(index) + from, done, n);
            return 0;
        }
        boolean forWriting = slow ? pages.writable() : write;
        long[][] pinned = new long[1][];
        int error = pages.source().pin(index, 1, forWriting, frames -> pinned[0] = frames);
        if (error == 0) {
            move(pinned[0][0] + from, done, n);
            pages.source().unpin(index, pinned[0]);
        }
        return error;
    }

    private void move(long physical, int done, int n) {
        PhysicalMemory memory = pages.kernel().memory();
        for (int i = 0; i < n; i++) {
            int at = bytes.offset + done + i;
            if (write) {
                memory.write(physical + i, 1, bytes.data[at] & 0xff);
            } else {
                bytes.data[at] = (byte) memory.read(physical + i, 1);
            }
        }
    }
}
