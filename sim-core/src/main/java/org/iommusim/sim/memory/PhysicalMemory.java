package org.iommusim.sim.memory;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.iommusim.sim.check.ViolationLog;
import org.iommusim.sim.world.Cell;
import org.iommusim.sim.world.Variable;
import org.iommusim.sim.world.World;
import org.jspecify.annotations.Nullable;

/**
 * Sparse physical memory in 64-bit little-endian words, with an owner and a pin count per 4 KiB page. Pages that were
 * never written read as zero and take no host memory. In steady state an access allocates nothing.
 */
public final class PhysicalMemory {
    /** The variable of all words; the index in footprints is the word's physical address. */
    public static final Variable WORD = Variable.named("memory.word");
    /** The variable of all owners and pin counts; the index is the page number. */
    public static final Variable PAGE = Variable.named("memory.page");

    /** Bytes in a page. */
    public static final int PAGE_BYTES = 4096;

    private static final int PAGE_SHIFT = 12;
    private static final int WORDS_PER_PAGE = PAGE_BYTES / 8;
    private static final int CHUNK_SHIFT = 9;
    private static final int CHUNK_PAGES = 1 << CHUNK_SHIFT;

    private final Words words;
    private final Pages pages;
    private final ViolationLog violations;
    private final long limit;
    private final List<MemoryRange> ranges = new ArrayList<>();
    private final List<PageOwner> owners = new ArrayList<>();
    private final @Nullable Chunk[] chunks;

    /**
     * Makes an address space without any memory in it.
     *
     * @param limit first address that can never exist, a multiple of 2 MiB, at most 2^44
     */
    public PhysicalMemory(World world, ViolationLog violations, long limit) {
        long chunkCount = limit >>> (PAGE_SHIFT + CHUNK_SHIFT);
        if (limit <= 0 || chunkCount > 1 << 23 || chunkCount << (PAGE_SHIFT + CHUNK_SHIFT) != limit) {
            throw new IllegalArgumentException(
                    "an address space ends at a multiple of 2 MiB up to 2^44, not at 0x" + Long.toHexString(limit));
        }
        this.violations = violations;
        this.limit = limit;
        chunks = new Chunk[(int) chunkCount];
        words = new Words(world);
        pages = new Pages(world);
    }

    /**
     * Puts memory somewhere.
     *
     * @param base first byte, page aligned
     * @param bytes size, whole pages
     * @param owner {@link PageOwner#UNTRACKED}, or {@link PageOwner#FREE} for a range that an allocator manages
     */
    public void addRam(long base, long bytes, PageOwner owner) {
        MemoryRange range = new MemoryRange(base, bytes);
        if (range.end() > limit) {
            throw new IllegalArgumentException(range + " lies beyond the end of physical addresses");
        }
        for (MemoryRange other : ranges) {
            if (other.overlaps(range)) {
                throw new IllegalArgumentException(range + " overlaps " + other);
            }
        }
        ranges.add(range);
        owners.add(owner);
        // Chunks are made on first use; only those that exist already must learn of the new range.
        for (long page = base >>> PAGE_SHIFT; page < range.end() >>> PAGE_SHIFT; page++) {
            Chunk chunk = chunks[(int) (page >>> CHUNK_SHIFT)];
            if (chunk == null) {
                page |= CHUNK_PAGES - 1;
            } else {
                chunk.owners[(int) page & CHUNK_PAGES - 1] = (byte) owner.ordinal();
            }
        }
    }

    private int firstOwner(long page) {
        for (int i = 0; i < ranges.size(); i++) {
            if (ranges.get(i).contains(page << PAGE_SHIFT)) {
                return owners.get(i).ordinal();
            }
        }
        return PageOwner.ABSENT.ordinal();
    }

    /** All ranges of memory, in the order in which they were added. */
    public List<MemoryRange> ranges() {
        return List.copyOf(ranges);
    }

    /** True if there is memory at this address. */
    public boolean present(long address) {
        return owner(address) != PageOwner.ABSENT;
    }

    /** Whose the page at this address is. */
    public PageOwner owner(long address) {
        return PageOwnerTable.OWNERS[rawOwner(address >>> PAGE_SHIFT)];
    }

    private int rawOwner(long page) {
        if (page < 0 || page >= limit >>> PAGE_SHIFT) {
            return PageOwner.ABSENT.ordinal();
        }
        Chunk chunk = chunks[(int) (page >>> CHUNK_SHIFT)];
        return chunk == null ? firstOwner(page) : chunk.owners[(int) page & CHUNK_PAGES - 1];
    }

    /** Gives the page at this address to somebody; journaled. */
    public void setOwner(long address, PageOwner owner) {
        long page = address >>> PAGE_SHIFT;
        if (rawOwner(page) == PageOwner.ABSENT.ordinal()) {
            throw new IllegalArgumentException("no memory at 0x" + Long.toHexString(address));
        }
        if (owner == PageOwner.FREE && pins(address) > 0) {
            violations.report(
                    "freed-pinned-page",
                    "page 0x" + Long.toHexString(address) + " is given back while " + pins(address) + " pins hold it");
        }
        pages.setOwner(page, owner.ordinal());
    }

    /** How many pins hold the page at this address. */
    public int pins(long address) {
        Chunk chunk = chunks[(int) (address >>> PAGE_SHIFT + CHUNK_SHIFT)];
        return chunk == null ? 0 : chunk.pins[(int) (address >>> PAGE_SHIFT) & CHUNK_PAGES - 1];
    }

    /** Adds to the pin count of the page at this address; journaled. */
    public void pin(long address, int delta) {
        int sum = pins(address) + delta;
        if (sum < 0) {
            throw new IllegalStateException("page 0x" + Long.toHexString(address) + " is unpinned too often");
        }
        pages.setPins(address >>> PAGE_SHIFT, sum);
    }

    /**
     * Reads an aligned 64-bit word. An absent address reads as all ones, as a failed bus read does; callers that must
     * tell it apart ask {@link #present} first.
     */
    public long read64(long address) {
        long page = address >>> PAGE_SHIFT;
        if (!usable(page, address, "read")) {
            return -1L;
        }
        return words.get(address & -8L);
    }

    /** What {@link #read64} would give, for an onlooker: no footprint, and nothing is said about owners. */
    public long peek64(long address) {
        return present(address) ? words.bitsAt(address & -8L) : -1L;
    }

    /** Writes an aligned 64-bit word; nothing happens where there is no memory. */
    public void write64(long address, long value) {
        if (usable(address >>> PAGE_SHIFT, address, "written")) {
            words.set(address & -8L, value);
        }
    }

    /** Reads 1, 2, 4 or 8 naturally aligned bytes, zero extended. */
    public long read(long address, int bytes) {
        long word = read64(address);
        if (bytes == 8) {
            return word;
        }
        int shift = (int) (address & 7) * 8;
        return word >>> shift & (1L << bytes * 8) - 1;
    }

    /** Writes 1, 2, 4 or 8 naturally aligned bytes. */
    public void write(long address, int bytes, long value) {
        if (bytes == 8) {
            write64(address, value);
        } else if (usable(address >>> PAGE_SHIFT, address, "written")) {
            int shift = (int) (address & 7) * 8;
            long mask = (1L << bytes * 8) - 1 << shift;
            long old = words.get(address & -8L);
            words.set(address & -8L, old & ~mask | value << shift & mask);
        }
    }

    /** Sets a whole page to zero; journaled word by word. */
    public void zeroPage(long address) {
        Chunk chunk = chunks[(int) (address >>> PAGE_SHIFT + CHUNK_SHIFT)];
        if (chunk == null || chunk.data[(int) (address >>> PAGE_SHIFT) & CHUNK_PAGES - 1] == null) {
            return;
        }
        long base = address & -PAGE_BYTES;
        for (int offset = 0; offset < PAGE_BYTES; offset += 8) {
            words.set(base + offset, 0);
        }
    }

    private boolean usable(long page, long address, String verb) {
        int owner = rawOwner(page);
        if (owner == PageOwner.ABSENT.ordinal()) {
            return false;
        }
        if (owner == PageOwner.FREE.ordinal()) {
            violations.report("freed-page", "0x" + Long.toHexString(address) + " is " + verb + " but its page is free");
        }
        if (owner == PageOwner.GUEST_FREE.ordinal()) {
            violations.report(
                    "freed-page",
                    "0x" + Long.toHexString(address) + " is " + verb + " but its guest has freed the page");
        }
        return true;
    }

    private Chunk chunk(long page) {
        int index = (int) (page >>> CHUNK_SHIFT);
        Chunk chunk = chunks[index];
        if (chunk == null) {
            chunk = new Chunk();
            for (int i = 0; i < CHUNK_PAGES; i++) {
                chunk.owners[i] = (byte) firstOwner(((long) index << CHUNK_SHIFT) + i);
            }
            chunks[index] = chunk;
        }
        return chunk;
    }

    /** Owner constants by ordinal, without the copy that {@code values()} makes. */
    private static final class PageOwnerTable {
        static final PageOwner[] OWNERS = PageOwner.values();
    }

    /** 512 pages. */
    private static final class Chunk {
        final byte[] owners = new byte[CHUNK_PAGES];
        final int[] pins = new int[CHUNK_PAGES];
        final long[] @Nullable [] data = new long[CHUNK_PAGES][];
    }

    /** All words as one cell, indexed by address. */
    private final class Words extends Cell {
        Words(World world) {
            super(world, WORD, 0);
        }

        long get(long address) {
            if (watched()) {
                noteRead(address);
            }
            return bitsAt(address);
        }

        void set(long address, long value) {
            if (watched()) {
                noteWrite(address, bitsAt(address), value);
            }
            store(address, value);
        }

        private void store(long address, long value) {
            Chunk chunk = chunk(address >>> PAGE_SHIFT);
            int page = (int) (address >>> PAGE_SHIFT) & CHUNK_PAGES - 1;
            long[] data = chunk.data[page];
            if (data == null) {
                if (value == 0) {
                    return;
                }
                data = new long[WORDS_PER_PAGE];
                chunk.data[page] = data;
            }
            data[(int) (address >>> 3) & WORDS_PER_PAGE - 1] = value;
        }

        @Override
        protected long bitsAt(long address) {
            Chunk chunk = chunks[(int) (address >>> PAGE_SHIFT + CHUNK_SHIFT)];
            long[] data = chunk == null ? null : chunk.data[(int) (address >>> PAGE_SHIFT) & CHUNK_PAGES - 1];
            return data == null ? 0 : data[(int) (address >>> 3) & WORDS_PER_PAGE - 1];
        }

        @Override
        protected void restore(long address, long bits, @Nullable Object reference) {
            store(address, bits);
        }
    }

    /** All owners and pin counts as one cell, indexed by 2 x page number (owner) and 2 x page number + 1 (pins). */
    private final class Pages extends Cell {
        Pages(World world) {
            super(world, PAGE, 0);
        }

        void setOwner(long page, int owner) {
            set(2 * page, owner);
        }

        void setPins(long page, int pins) {
            set(2 * page + 1, pins);
        }

        private void set(long index, int value) {
            if (watched()) {
                noteWrite(index, bitsAt(index), value);
            }
            restore(index, value, null);
        }

        @Override
        protected long bitsAt(long index) {
            Chunk chunk = chunk(index >>> 1);
            int page = (int) (index >>> 1) & CHUNK_PAGES - 1;
            return (index & 1) == 0 ? chunk.owners[page] : chunk.pins[page];
        }

        @Override
        protected void restore(long index, long bits, @Nullable Object reference) {
            Chunk chunk = chunk(index >>> 1);
            int page = (int) (index >>> 1) & CHUNK_PAGES - 1;
            if ((index & 1) == 0) {
                chunk.owners[page] = (byte) bits;
            } else {
                chunk.pins[page] = (int) bits;
            }
        }
    }

    @Override
    public String toString() {
        return "memory " + Arrays.toString(ranges.toArray());
    }
}
