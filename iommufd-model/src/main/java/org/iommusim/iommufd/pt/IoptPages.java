package org.iommusim.iommufd.pt;

import java.util.ArrayList;
import java.util.List;
import org.iommusim.iommufd.mm.AccountMode;
import org.iommusim.iommufd.mm.PageSource;
import org.iommusim.iommufd.mm.PinPayer;
import org.iommusim.iommufd.object.CellList;
import org.iommusim.iommufd.object.Kernel;
import org.iommusim.sim.memory.PhysicalMemory;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Lock;
import org.iommusim.sim.world.Identified;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.LongCell;
import org.iommusim.sim.world.RefCell;
import org.iommusim.sim.world.Variable;
import org.iommusim.sim.world.World;
import org.jspecify.annotations.Nullable;

/**
 * Memory that one or more areas map ({@code struct iopt_pages}, pages.c). A page is pinned once while at least one area's
 * domains or one in-kernel access covers it, however many they are. All methods are for the holder of {@link #mutex}.
 */
public final class IoptPages implements Identified, PageSource.Importer {
    /** The variable of all pinned pages, their counts and who covers them. */
    public static final Variable PAGES = Variable.named("iommufd.iopt.pages");
    /** What pinning and unpinning touch. */
    static final Footprint PIN =
            Footprint.of(PAGES, PageSource.REVOKED).and(PinPayer.PIN.variables().toArray(Variable[]::new));

    private static final long PAGE = PhysicalMemory.PAGE_BYTES;

    private final Kernel kernel;
    private final PageSource source;
    private final RefCell<PinPayer> payer;
    private final long npages;
    private final boolean writable;
    private final long instance;
    private final Lock mutex;
    private final IntCell kref;
    private final IntCell accountMode;
    private final LongCell npinned;
    private final LongCell lastNpinned;
    private final IntervalTree<PinnedRun> pinned;
    private final IntervalTree<IoptArea.PagesNode> domains;
    private final IntervalTree<PagesAccess> accesses;
    private final CellList<DmabufTrack> tracker;

    /**
     * {@code iopt_alloc_pages}, with one reference.
     *
     * @param bytes length of the map, with what precedes it in the first page
     */
    IoptPages(Kernel kernel, PageSource source, PinPayer payer, AccountMode mode, long bytes, boolean writable) {
        this.kernel = kernel;
        this.source = source;
        this.writable = writable;
        npages = Long.divideUnsigned(bytes, PAGE) + (bytes % PAGE == 0 ? 0 : 1);
        World world = kernel.world();
        instance = world.nextInstance();
        mutex = new Lock(world, "pages->mutex", Lock.Kind.MUTEX);
        kref = new IntCell(world, PAGES, instance, 1);
        accountMode = new IntCell(world, PAGES, instance + (1L << 40), mode.ordinal());
        this.payer = new RefCell<>(world, PAGES, instance + (4L << 40), payer);
        npinned = new LongCell(world, PAGES, instance + (2L << 40), 0);
        lastNpinned = new LongCell(world, PAGES, instance + (3L << 40), 0);
        pinned = new IntervalTree<>(world, PAGES);
        domains = new IntervalTree<>(world, PAGES);
        accesses = new IntervalTree<>(world, PAGES);
        tracker = new CellList<>(world, PAGES);
        source.importer(this);
    }

    Kernel kernel() {
        return kernel;
    }

    /** {@code pages->mutex}. */
    Lock mutex() {
        return mutex;
    }

    /** Where the pages come from. */
    public PageSource source() {
        return source;
    }

    /** How many pages there are. */
    long npages() {
        return npages;
    }

    /** True if the memory may be written through maps of it. */
    public boolean writable() {
        return writable;
    }

    /** {@code dmabuf.tracker}: where a dma-buf is mapped, or would be if it were not revoked. Empty for other sources. */
    CellList<DmabufTrack> tracker() {
        return tracker;
    }

    @Override
    public Call<?> revokeNotify() {
        return DmabufRevoke.call(this);
    }

    /** True if its dma-buf was revoked: nothing of it is mapped, or ever will be. */
    boolean revoked() {
        return source.revoked();
    }

    // ---- references -------------------------------------------------------------------------------------------------

    /** {@code kref_get}. */
    void get() {
        kref.add(1);
    }

    /** {@code iopt_put_pages}: the last one releases the source. */
    void put() {
        int left = kref.add(-1);
        if (left == 0) {
            if (npinned.get() != 0 || !domains.isEmpty() || !accesses.isEmpty() || !tracker.isEmpty()) {
                kernel.warn("iopt_release_pages", "pages of a map are released while they are pinned");
            }
            source.release();
        } else if (left < 0) {
            kernel.warn("iopt_put_pages", "the pages of a map are put too often");
        }
    }

    /** How many areas and calls in progress refer to it. */
    int references() {
        return kref.get();
    }

    // ---- who covers pages -------------------------------------------------------------------------------------------

    /** {@code domains_itree}: the areas whose pages lie in domains. */
    IntervalTree<IoptArea.PagesNode> domains() {
        return domains;
    }

    /** {@code access_itree}. */
    IntervalTree<PagesAccess> accesses() {
        return accesses;
    }

    /** {@code iopt_pages_get_exact_access}. */
    @Nullable
    PagesAccess exactAccess(long first, long last) {
        PagesAccess access = accesses.first(first, last);
        while (access != null && (access.first() != first || access.last() != last)) {
            access = accesses.next(access, first, last);
        }
        return access;
    }

    // ---- pins -------------------------------------------------------------------------------------------------------

    /** Pins what is not pinned yet of a range of pages; on an error nothing changed. Errors: EFAULT, EINVAL. */
    int fill(long first, long last) {
        List<PinnedRun> made = new ArrayList<>();
        Spans holes = Spans.of(first, last, pinned);
        while (holes.nextHole()) {
            long at = holes.holeFirst();
            int error = source.pin(
                    at,
                    holes.holeLast() - at + 1,
                    writable,
                    frames -> made.add(new PinnedRun(at, frames, kernel.world().nextInstance())));
            if (error != 0) {
                made.forEach(run -> source.unpin(run.first(), run.frames(run.first(), run.last())));
                return error;
            }
        }
        for (PinnedRun run : made) {
            pinned.insert(run);
            npinned.add(run.last() - run.first() + 1);
        }
        return 0;
    }

    /** Unpins what nobody covers any more of a range of pages, and lowers the account. */
    void unfill(long first, long last) {
        Spans holes = Spans.of(first, last, domains, accesses);
        List<long[]> uncovered = new ArrayList<>();
        while (holes.nextHole()) {
            uncovered.add(new long[] {holes.holeFirst(), holes.holeLast()});
        }
        uncovered.forEach(hole -> unpin(hole[0], hole[1]));
        updatePinned();
    }

    private void unpin(long first, long last) {
        for (PinnedRun run = pinned.first(first, last); run != null; run = pinned.first(first, last)) {
            long from = Math.max(first, run.first());
            long to = Math.min(last, run.last());
            pinned.remove(run);
            keep(run, run.first(), from - 1);
            keep(run, to + 1, run.last());
            source.unpin(from, run.frames(from, to));
            npinned.add(from - to - 1);
        }
    }

    private void keep(PinnedRun run, long from, long to) {
        if (from <= to) {
            pinned.insert(
                    new PinnedRun(from, run.frames(from, to), kernel.world().nextInstance()));
        }
    }

    /** {@code pfn_reader_user_update_pinned}: accounts for what was pinned or unpinned since. Errors: ENOMEM. */
    int updatePinned() {
        long change = npinned.get() - lastNpinned.get();
        boolean counts = change != 0 && source.kind() != PageSource.Kind.DMABUF;
        int error = counts ? payer.require().account(accountMode(), change) : 0;
        if (error == 0) {
            lastNpinned.set(npinned.get());
        }
        return error;
    }

    /** {@code need_charge_update}: true if another process would have to pay for what is pinned. */
    boolean paysElsewhere(PinPayer current) {
        PinPayer now = payer.require();
        return switch (accountMode()) {
            case NONE -> false;
            case MM -> now.process() != current.process();
            case USER -> now.user() != current.user() || now.process() != current.process();
        };
    }

    /** Pages accounted for ({@code last_npinned}). */
    long accounted() {
        return lastNpinned.get();
    }

    /** {@code change_mm}: another process pays from now on, which has been charged. */
    void payer(PinPayer current) {
        if (paysElsewhere(current)) {
            payer.require().account(accountMode(), -lastNpinned.get());
        }
        payer.set(current);
    }

    /** Pages pinned. */
    long npinned() {
        return npinned.get();
    }

    /** Against which limit they count. */
    AccountMode accountMode() {
        return accountMode.get() == AccountMode.USER.ordinal()
                ? AccountMode.USER
                : accountMode.get() == AccountMode.MM.ordinal() ? AccountMode.MM : AccountMode.NONE;
    }

    /** True if a page is pinned. */
    boolean pinned(long index) {
        return pinned.first(index, index) != null;
    }

    /** Physical address of a pinned page. */
    long frame(long index) {
        PinnedRun run = pinned.first(index, index);
        if (run == null) {
            throw new IllegalStateException("page " + index + " of " + source + " is not pinned");
        }
        return run.frame(index);
    }

    /** Physical addresses of pinned pages. */
    long[] frames(long first, long last) {
        long[] frames = new long[(int) (last - first + 1)];
        PinnedRun run = null;
        for (int i = 0; i < frames.length; i++) {
            long index = first + i;
            run = run == null || index > run.last() ? pinned.first(index, index) : run;
            frames[i] = run == null ? frame(index) : run.frame(index);
        }
        return frames;
    }

    /** How many pinned pages from this one to {@code last} follow each other in physical memory too, at least 1. */
    long contiguous(long index, long last) {
        long start = frame(index);
        long n = 1;
        PinnedRun run = pinned.first(index, index);
        while (run != null && index + n <= last) {
            if (index + n > run.last()) {
                run = pinned.first(index + n, index + n);
                continue;
            }
            if (run.frame(index + n) != start + n * PAGE) {
                break;
            }
            n++;
        }
        return n;
    }

    /** How many times in-kernel users hold some of the pages. */
    long accessUsers() {
        long users = 0;
        for (PagesAccess access = accesses.first(0, -1L); access != null; access = accesses.next(access, 0, -1L)) {
            users += access.users();
        }
        return users;
    }

    /** What is pinned and covered by nobody, or not accounted for; empty if all is explained. */
    String audit() {
        Spans uncovered = Spans.of(0, -1L, domains, accesses);
        while (uncovered.nextHole()) {
            if (pinned.first(uncovered.holeFirst(), uncovered.holeLast()) != null) {
                return "pages are pinned that nobody covers";
            }
        }
        long sum = 0;
        for (PinnedRun run = pinned.first(0, -1L); run != null; run = pinned.next(run, 0, -1L)) {
            sum += run.last() - run.first() + 1;
        }
        return sum == npinned.get() && sum == lastNpinned.get()
                ? ""
                : sum + " pages are pinned, npinned is " + npinned.get() + ", accounted " + lastNpinned.get();
    }

    @Override
    public long stableId() {
        return instance;
    }
}
