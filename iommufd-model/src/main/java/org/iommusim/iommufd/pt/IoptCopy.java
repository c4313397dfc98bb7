package org.iommusim.iommufd.pt;

import java.util.ArrayList;
import java.util.List;
import org.iommusim.hw.driver.Errno;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.world.LongCell;
import org.iommusim.sim.world.RefCell;

/** The pages behind a range of one address space, to be mapped in another ({@code iopt_get_pages}). */
public final class IoptCopy extends Frame {
    private static final Program<IoptCopy> GET = Program.<IoptCopy>named("iopt_get_pages")
            .check("length", f -> f.length != 0, Errno.EINVAL)
            .check("does not wrap", f -> Long.compareUnsigned(f.last(), f.iova) >= 0, Errno.EOVERFLOW)
            .lockShared("iova_rwsem", f -> f.source.iovaRwsem())
            .attempt("kref_get of each area's pages", HostCost.ALLOCATE, IoPagetable.LOOK, IoptCopy::collect)
            .build();

    private final IoPagetable source;
    private final long iova;
    private final long length;
    private final RefCell<PagesList> list;

    private IoptCopy(IoPagetable source, long iova, long length, RefCell<PagesList> list) {
        super(source.kernel().world());
        this.source = source;
        this.iova = iova;
        this.length = length;
        this.list = list;
    }

    /** The pages of a range while nobody has mapped them; a local of a frame. */
    public static final class Pages {
        private final RefCell<PagesList> list;

        /** No pages yet. */
        public Pages(Frame owner) {
            list = new RefCell<>(owner.world(), FRAME, owner.world().nextInstance());
        }

        /** Takes references on what a range maps. Errors: EINVAL (length 0), EOVERFLOW (wraps), ENOMEM, ENOENT (a hole). */
        public Call<?> get(IoPagetable source, long iova, long length) {
            return new Call<>(GET, new IoptCopy(source, iova, length, list));
        }

        /** Maps them, as {@link IoptMap#call}; the references are used up, whatever the answer. */
        public Call<?> map(IoPagetable target, int protection, boolean fixed, LongCell iova) {
            return IoptMap.call(target, list, protection, fixed, iova);
        }

        /** Gives the references back without mapping anything. */
        public Call<?> free(IoPagetable any) {
            return IoptMap.free(any, list);
        }
    }

    private long last() {
        return iova + length - 1;
    }

    private int collect() {
        int injected = source.injected("iopt_get_pages", "kref_get of each area's pages");
        if (injected != 0) {
            return injected;
        }
        List<PagesSlice> slices = new ArrayList<>();
        long at = iova;
        while (true) {
            IoptArea area = source.contiguousArea(at);
            if (area == null) {
                return Errno.ENOENT;
            }
            long end = Long.compareUnsigned(area.last(), last()) < 0 ? area.last() : last();
            slices.add(new PagesSlice(world(), area.requirePages(), area.startByte(at), end - at + 1));
            if (end == last()) {
                break;
            }
            at = end + 1;
        }
        slices.forEach(slice -> slice.pages().get());
        list.set(new PagesList(slices));
        return 0;
    }
}
