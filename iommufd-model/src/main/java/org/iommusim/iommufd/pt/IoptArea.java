package org.iommusim.iommufd.pt;

import org.iommusim.hw.driver.PagingDomain;
import org.iommusim.sim.memory.PhysicalMemory;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.RefCell;
import org.iommusim.sim.world.Variable;
import org.iommusim.sim.world.World;
import org.jspecify.annotations.Nullable;

/** A range of I/O virtual addresses and the slice of pages that it maps ({@code struct iopt_area}). */
public final class IoptArea implements Ranged {
    /** The variable of all areas' own fields. */
    public static final Variable AREA = Variable.named("iommufd.iopt.area");

    private static final long PAGE = PhysicalMemory.PAGE_BYTES;

    private final IoPagetable iopt;
    private final long iova;
    private final long last;
    private final long startByte;
    private final int protection;
    private final long instance;
    private final PagesNode node;
    private final RefCell<IoptPages> pages;
    private final RefCell<PagingDomain> storageDomain;
    private final IntCell numAccesses;
    private final IntCell numLocks;
    private final IntCell preventAccess;

    /**
     * An area without pages: it keeps its place.
     *
     * @param startByte where in its pages it begins
     */
    IoptArea(IoPagetable iopt, long iova, long length, long startByte, int protection) {
        World world = iopt.kernel().world();
        this.iopt = iopt;
        this.iova = iova;
        last = iova + length - 1;
        this.startByte = startByte;
        this.protection = protection;
        instance = world.nextInstance();
        node = new PagesNode(this);
        pages = new RefCell<>(world, AREA, instance);
        storageDomain = new RefCell<>(world, AREA, instance + (1L << 40));
        numAccesses = new IntCell(world, AREA, instance + (2L << 40), 0);
        numLocks = new IntCell(world, AREA, instance + (3L << 40), 0);
        preventAccess = new IntCell(world, AREA, instance + (4L << 40), 0);
    }

    /** {@code area->iopt}. */
    IoPagetable iopt() {
        return iopt;
    }

    /** First I/O virtual address. */
    @Override
    public long first() {
        return iova;
    }

    /** Last I/O virtual address. */
    @Override
    public long last() {
        return last;
    }

    /** Bytes; never the whole of 2^64. */
    public long length() {
        return last - iova + 1;
    }

    /** Bits of {@link PagingDomain}. */
    public int protection() {
        return protection;
    }

    /** {@code area->page_offset}: where in its first page it begins. */
    long pageOffset() {
        return startByte & PAGE - 1;
    }

    /** {@code iopt_area_start_byte}: where in the pages an address of the area lies. */
    long startByte(long address) {
        return startByte + (address - iova);
    }

    /** True if a page begins at an address of the area, or right behind it. */
    public boolean startsPage(long address) {
        return (startByte(address) & PAGE - 1) == 0;
    }

    /** {@code iopt_area_iova_to_index}: number of the page behind an address. */
    long index(long address) {
        return startByte(address) >>> 12;
    }

    /** {@code iopt_area_index_to_iova}: first address of the area in the page of this number. */
    long iovaOf(long index) {
        return index == node.first() ? iova : iova - pageOffset() + (index - node.first()) * PAGE;
    }

    /** Number of its first page. */
    long firstIndex() {
        return node.first();
    }

    /** Number of its last page. */
    long lastIndex() {
        return node.last();
    }

    PagesNode node() {
        return node;
    }

    /** {@code area->pages}: null while the area is being made or taken away. */
    public @Nullable IoptPages pages() {
        return pages.get();
    }

    IoptPages requirePages() {
        return pages.require();
    }

    void pages(@Nullable IoptPages newPages) {
        pages.set(newPages);
    }

    /** {@code area->storage_domain}: a domain that has its pages; null without domains. */
    @Nullable
    PagingDomain storageDomain() {
        return storageDomain.get();
    }

    void storageDomain(@Nullable PagingDomain domain) {
        storageDomain.set(domain);
    }

    /** {@code num_accesses}: in-kernel users that hold pages of it. */
    public int numAccesses() {
        return numAccesses.get();
    }

    void addAccesses(int change) {
        numAccesses.add(change);
    }

    /** {@code num_locks}: those of them that forbid to unmap it. */
    public int numLocks() {
        return numLocks.get();
    }

    void addLocks(int change) {
        numLocks.add(change);
    }

    /** {@code prevent_access}: an unmap waits for its users; no new ones. */
    public boolean preventAccess() {
        return preventAccess.get() != 0;
    }

    void setPreventAccess() {
        preventAccess.set(1);
    }

    @Override
    public long stableId() {
        return instance;
    }

    @Override
    public String toString() {
        return "0x" + Long.toHexString(iova) + "-0x" + Long.toHexString(last);
    }

    /** {@code area->pages_node}: the area by the numbers of its pages. */
    static final class PagesNode implements Ranged {
        private final IoptArea area;

        PagesNode(IoptArea area) {
            this.area = area;
        }

        IoptArea area() {
            return area;
        }

        @Override
        public long first() {
            return area.startByte >>> 12;
        }

        @Override
        public long last() {
            return area.index(area.last);
        }

        @Override
        public long stableId() {
            return area.instance;
        }
    }
}
