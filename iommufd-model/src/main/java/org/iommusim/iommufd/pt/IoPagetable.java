package org.iommusim.iommufd.pt;

import java.util.ArrayList;
import java.util.List;
import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.driver.PagingDomain;
import org.iommusim.iommufd.object.CellList;
import org.iommusim.iommufd.object.Kernel;
import org.iommusim.sim.memory.PhysicalMemory;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Lock;
import org.iommusim.sim.world.Identified;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.LongCell;
import org.iommusim.sim.world.RefArrayCell;
import org.iommusim.sim.world.Variable;
import org.iommusim.sim.world.World;
import org.jspecify.annotations.Nullable;

/**
 * What an address space maps, what is reserved and allowed in it, and who uses it ({@code struct io_pagetable},
 * io_pagetable.c). Methods are single critical sections; which lock each needs is said there.
 */
public final class IoPagetable {
    /** The variable of all area trees. */
    public static final Variable AREAS = Variable.named("iommufd.iopt.areas");
    /** The variable of all trees of reserved ranges. */
    public static final Variable RESERVED = Variable.named("iommufd.iopt.reserved");
    /** The variable of all trees of allowed ranges. */
    public static final Variable ALLOWED = Variable.named("iommufd.iopt.allowed");
    /** The variable of all sets of domains. */
    public static final Variable DOMAINS = Variable.named("iommufd.iopt.domains");
    /** The variable of all lists of accesses. */
    public static final Variable ACCESSES = Variable.named("iommufd.iopt.access_list");
    /** The variable of all alignments, and of whether large pages are disabled. */
    public static final Variable ALIGNMENT = Variable.named("iommufd.iopt.alignment");

    /** What a look at the areas touches. */
    public static final Footprint LOOK = Footprint.of(AREAS, IoptArea.AREA, IoptPages.PAGES);
    /** What placing an area touches. */
    static final Footprint PLACE = LOOK.and(RESERVED, ALLOWED, ALIGNMENT);
    /** What a change of the alignment touches. */
    static final Footprint ALIGN = Footprint.of(AREAS, ALIGNMENT, DOMAINS, ACCESSES);
    /** What reserving a range touches. */
    public static final Footprint RESERVE = Footprint.of(AREAS, RESERVED, ALLOWED);

    private static final long PAGE = PhysicalMemory.PAGE_BYTES;
    private static final int FIRST_ACCESSES = 4;

    private final Kernel kernel;
    private final Lock domainsRwsem;
    private final Lock iovaRwsem;
    private final IntervalTree<IoptArea> areas;
    private final IntervalTree<IoptRange> reserved;
    private final IntervalTree<IoptRange> allowed;
    private final CellList<PagingDomain> domains;
    private final RefArrayCell<IoptAccess> accesses;
    private final LongCell iovaAlignment;
    private final IntCell disableLargePages;

    /** An empty table without any restriction ({@code iopt_init_table}). */
    IoPagetable(Kernel kernel, long instance) {
        this.kernel = kernel;
        World world = kernel.world();
        domainsRwsem = new Lock(world, "domains_rwsem", Lock.Kind.RW_SEMAPHORE);
        iovaRwsem = new Lock(world, "iova_rwsem", Lock.Kind.RW_SEMAPHORE);
        areas = new IntervalTree<>(world, AREAS);
        reserved = new IntervalTree<>(world, RESERVED);
        allowed = new IntervalTree<>(world, ALLOWED);
        domains = new CellList<>(world, DOMAINS);
        accesses = new RefArrayCell<>(world, ACCESSES, instance, FIRST_ACCESSES);
        iovaAlignment = new LongCell(world, ALIGNMENT, instance, 1);
        disableLargePages = new IntCell(world, ALIGNMENT, instance + (1L << 40), 0);
    }

    Kernel kernel() {
        return kernel;
    }

    /** The errno that a test wants a step to answer, or 0. */
    int injected(String program, String step) {
        return kernel.faults().errno(program, step);
    }

    /** {@code domains_rwsem}: read by map and unmap, written by whatever changes the domains or the accesses. */
    Lock domainsRwsem() {
        return domainsRwsem;
    }

    /** {@code iova_rwsem}: the trees. */
    public Lock iovaRwsem() {
        return iovaRwsem;
    }

    List<Lock> locks() {
        return List.of(domainsRwsem, iovaRwsem);
    }

    /** Areas, ranges and alignment, a line each. */
    List<String> contents() {
        List<String> lines = new ArrayList<>();
        for (IoptArea area = areas.first(0, -1L); area != null; area = areas.next(area, 0, -1L)) {
            lines.add("area " + hex(area.first()) + " to " + hex(area.last()));
        }
        lines.addAll(lines("reserved", reserved));
        lines.addAll(lines("allowed", allowed));
        lines.add("alignment " + iovaAlignment() + (largePagesDisabled() ? ", large pages disabled" : ""));
        return lines;
    }

    private static List<String> lines(String what, IntervalTree<IoptRange> ranges) {
        List<String> lines = new ArrayList<>();
        for (IoptRange range = ranges.first(0, -1L); range != null; range = ranges.next(range, 0, -1L)) {
            lines.add(what + " " + hex(range.first()) + " to " + hex(range.last()));
        }
        return lines;
    }

    private static String hex(long address) {
        return "0x" + Long.toHexString(address);
    }

    // ---- areas: under iova_rwsem
    // --------------------------------------------------------------------------------------

    /** {@code area_itree}: the maps by rising address. */
    public IntervalTree<IoptArea> areas() {
        return areas;
    }

    /**
     * {@code iopt_area_contig_init} and {@code _next}: the area that covers {@code address} and has pages, if the areas
     * before it left no hole; null: there is a hole.
     */
    public @Nullable IoptArea contiguousArea(long address) {
        IoptArea area = areas.first(address, address);
        return area == null || area.pages() == null ? null : area;
    }

    /** True if an area begins on, ends on or maps from a place that is not a multiple of {@code alignment}. */
    private boolean misaligned(long alignment) {
        for (IoptArea area = areas.first(0, -1L); area != null; area = areas.next(area, 0, -1L)) {
            if (((area.first() | area.length() | area.pageOffset()) & alignment - 1) != 0) {
                return true;
            }
        }
        return false;
    }

    // ---- reserved and allowed ranges: under iova_rwsem, for writing
    // ---------------------------------------------------

    /** {@code reserved_itree}: ranges that cannot be mapped; they may overlap each other. */
    IntervalTree<IoptRange> reserved() {
        return reserved;
    }

    /** {@code allowed_itree}: where maps are placed automatically; empty: anywhere. */
    IntervalTree<IoptRange> allowed() {
        return allowed;
    }

    /** {@code iopt_reserve_iova}: forbids a range. Errors: EADDRINUSE (something is mapped or allowed there). */
    int reserve(long first, long last, @Nullable Identified owner) {
        if (areas.first(first, last) != null || allowed.first(first, last) != null) {
            return Errno.EADDRINUSE;
        }
        reserved.insert(IoptRange.reserved(kernel.world(), first, last, owner));
        return 0;
    }

    /** {@code __iopt_remove_reserved_iova}: gives back everything that was reserved for {@code owner}. */
    void removeReserved(@Nullable Identified owner) {
        IoptRange range = reserved.first(0, -1L);
        while (range != null) {
            IoptRange next = reserved.next(range, 0, -1L);
            if (range.owner() == owner) {
                reserved.remove(range);
            }
            range = next;
        }
    }

    /** {@code iopt_set_allow_iova}: another list of allowed ranges. Errors: EADDRINUSE (one is reserved); the old list stays. */
    int allow(List<long[]> ranges) {
        for (long[] range : ranges) {
            if (reserved.first(range[0], range[1]) != null) {
                return Errno.EADDRINUSE;
            }
        }
        allowed.clear();
        ranges.forEach(range -> allowed.insert(IoptRange.allowed(kernel.world(), range[0], range[1])));
        return 0;
    }

    /** The ranges that are not reserved, rising: first and last address each. */
    public List<long[]> usable() {
        List<long[]> holes = new ArrayList<>();
        Spans spans = Spans.of(0, -1L, reserved);
        while (spans.nextHole()) {
            holes.add(new long[] {spans.holeFirst(), spans.holeLast()});
        }
        return holes;
    }

    // ---- domains: under domains_rwsem
    // -----------------------------------------------------------------------------------

    /** The domains that hold the maps, in the order of their numbers. */
    public List<PagingDomain> domains() {
        return domains.items();
    }

    void addDomain(PagingDomain domain) {
        domains.add(domain);
    }

    /** Takes a domain out; the last one gets its number. False if it was not there. */
    boolean removeDomain(PagingDomain domain) {
        int number = domains().indexOf(domain);
        if (number < 0) {
            return false;
        }
        PagingDomain moved = domains().get(domains().size() - 1);
        domains.remove(moved);
        if (moved != domain) {
            domains.remove(domain);
            domains.add(number, moved);
        }
        return true;
    }

    // ---- accesses: under both semaphores, for writing
    // -------------------------------------------------------------------

    /** {@code xa_alloc(access_list)}: the lowest free number. */
    int addAccess(IoptAccess access) {
        int number = 0;
        while (number < accesses.length() && accesses.get(number) != null) {
            number++;
        }
        if (number == accesses.length()) {
            accesses.grow(2 * number);
        }
        accesses.set(number, access);
        return number;
    }

    /** {@code xa_erase(access_list)}. */
    @Nullable
    IoptAccess eraseAccess(int number) {
        IoptAccess access = accesses.get(number);
        accesses.set(number, null);
        return access;
    }

    /** The access with the lowest number from {@code number} on, or -1. */
    int nextAccess(int number) {
        for (int i = number; i < accesses.length(); i++) {
            if (accesses.get(i) != null) {
                return i;
            }
        }
        return -1;
    }

    @Nullable
    IoptAccess access(int number) {
        return accesses.get(number);
    }

    // ---- alignment: under both semaphores
    // -------------------------------------------------------------------------------

    /** {@code iova_alignment}: what addresses, lengths and offsets must be multiples of. */
    public long iovaAlignment() {
        return iovaAlignment.get();
    }

    /** {@code disable_large_pages}. */
    public boolean largePagesDisabled() {
        return disableLargePages.get() != 0;
    }

    void disableLargePages(boolean disable) {
        disableLargePages.set(disable ? 1 : 0);
    }

    /** What the alignment is with one more domain. Errors: EINVAL (it takes no 4096-byte pages), EADDRINUSE. */
    int checkAlignmentWith(PagingDomain domain) {
        long alignment = Math.max(smallestPage(domain), iovaAlignment());
        if (alignment > PAGE) {
            return Errno.EINVAL;
        }
        return alignment != iovaAlignment() && misaligned(alignment) ? Errno.EADDRINUSE : 0;
    }

    void raiseAlignment(PagingDomain domain) {
        iovaAlignment.set(Math.max(smallestPage(domain), iovaAlignment()));
    }

    /** {@code iopt_calculate_iova_alignment}: errors: EADDRINUSE (an area does not fit); then nothing changed. */
    int calculateAlignment() {
        long alignment = largePagesDisabled() ? PAGE : 1;
        for (PagingDomain domain : domains()) {
            alignment = Math.max(alignment, smallestPage(domain));
        }
        for (int i = nextAccess(0); i >= 0; i = nextAccess(i + 1)) {
            alignment = Math.max(alignment, alignmentOf(accesses.get(i)));
        }
        if (alignment > iovaAlignment() && misaligned(alignment)) {
            return Errno.EADDRINUSE;
        }
        iovaAlignment.set(alignment);
        return 0;
    }

    private static long alignmentOf(@Nullable IoptAccess access) {
        return access == null ? 1 : access.iovaAlignment();
    }

    private static long smallestPage(PagingDomain domain) {
        return Long.lowestOneBit(domain.pageSizes());
    }
}
