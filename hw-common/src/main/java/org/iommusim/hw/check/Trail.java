package org.iommusim.hw.check;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What a cached entry, or a translation under way, was made from so far, and whom it belongs to. A translation that uses a
 * cached entry takes over the entry's sources.
 */
public final class Trail {
    /** In the place of a source that is no more. */
    private static final Source NONE = new Source(SourceKind.STAGE2, true, 0, 0, 0, 0, 0);

    // Sources, and what became of them: ended by which invalidation, which found what in place of the source's value.
    private Source[] sources = new Source[0];
    private String[] caches = new String[0];
    private boolean[] halves = new boolean[0];
    private @Nullable Issued[] ends = new Issued[0];
    private long[] found = new long[0];
    private int size;

    private int stream;
    private int substream;
    private int domain;
    private int space;
    private boolean global;
    private boolean firstStage;
    private boolean pointer;
    private boolean inDevice;
    private long first;
    private long last;

    Trail() {}

    /**
     * Begins anew for one translation.
     *
     * @param newStream id of the device
     * @param newSubstream PASID, below 0 if none
     * @param address the address that it translates
     */
    public void begin(int newStream, int newSubstream, long address) {
        forget();
        stream = newStream;
        substream = newSubstream;
        first = address;
        last = address;
        domain = 0;
        space = -1;
        global = false;
        firstStage = false;
        pointer = false;
        inDevice = false;
    }

    /** What is behind the end would tell states apart that are the same. */
    private void forget() {
        Arrays.fill(sources, 0, size, NONE);
        Arrays.fill(caches, 0, size, "");
        Arrays.fill(halves, 0, size, false);
        Arrays.fill(ends, 0, size, null);
        Arrays.fill(found, 0, size, 0);
        size = 0;
    }

    /**
     * Says whose tables are used from now on.
     *
     * @param newDomain id of the VM or domain
     * @param newSpace id of the address space, below 0 if none
     * @param hasStage1 whether stage 1 has a part in it
     */
    public void tables(int newDomain, int newSpace, boolean hasStage1) {
        domain = newDomain;
        space = newSpace;
        firstStage = hasStage1;
    }

    /** Says that the result holds in all address spaces. */
    public void everywhere(boolean isGlobal) {
        global = isGlobal;
    }

    /** Notes a word that was read. */
    public void read(Source source) {
        room(1);
        sources[size] = source;
        caches[size] = "";
        halves[size] = false;
        ends[size] = null;
        found[size] = 0;
        size++;
    }

    private void room(int more) {
        if (size + more > sources.length) {
            int length = Math.max(size + more, 2 * sources.length);
            sources = Arrays.copyOf(sources, length);
            caches = Arrays.copyOf(caches, length);
            halves = Arrays.copyOf(halves, length);
            ends = Arrays.copyOf(ends, length);
            found = Arrays.copyOf(found, length);
        }
    }

    private void take(Trail other, int from, int count) {
        room(count);
        System.arraycopy(other.sources, from, sources, size, count);
        System.arraycopy(other.caches, from, caches, size, count);
        System.arraycopy(other.halves, from, halves, size, count);
        System.arraycopy(other.ends, from, ends, size, count);
        System.arraycopy(other.found, from, found, size, count);
        size += count;
    }

    /** How many sources there are so far. */
    public int size() {
        return size;
    }

    /** A source. */
    public Source source(int index) {
        return sources[index];
    }

    /** Device whose configuration it is from. */
    public int stream() {
        return stream;
    }

    /** PASID, below 0 if none. */
    public int substream() {
        return substream;
    }

    /** VM or domain. */
    public int domain() {
        return domain;
    }

    /** Address space. */
    public int space() {
        return space;
    }

    /** First address that it stands for. */
    public long first() {
        return first;
    }

    /** True if it holds in all address spaces. */
    public boolean global() {
        return global;
    }

    /** True if stage 1 has a part in it. */
    public boolean stage1() {
        return firstStage;
    }

    /** True if it is a pointer to a table and not the end of a walk. */
    public boolean pointer() {
        return pointer;
    }

    /** True if a device has it, out of reach of whatever is not sent to the device. */
    public boolean inDevice() {
        return inDevice;
    }

    /**
     * Becomes what a device is told of a translation. What invalidations have ended of it does not count there: they were
     * about the IOMMU's own caches, and the device has an invalidation of its own coming.
     */
    public void handOver(Trail translation) {
        copyFrom(translation, 0, translation.size);
        Arrays.fill(caches, 0, size, "");
        Arrays.fill(halves, 0, size, false);
        Arrays.fill(ends, 0, size, null);
        range(translation.first, translation.last, false);
        inDevice = true;
    }

    /** True if it stands for an address between these two. */
    public boolean overlaps(long from, long to) {
        return first <= to && from <= last;
    }

    /** The same without regard to some bits. */
    public boolean overlapsUntagged(long from, long to, long ignored) {
        return (first & ~ignored) <= to && from <= (last & ~ignored);
    }

    /** True if an earlier invalidation ended this source as far as a part of the tables is concerned. */
    public boolean half(int index) {
        return halves[index];
    }

    /** Becomes a cached entry made from some of another's sources. */
    void copyFrom(Trail other, int from, int to) {
        forget();
        take(other, from, to - from);
        stream = other.stream;
        substream = other.substream;
        owners(other);
    }

    private void owners(Trail other) {
        domain = other.domain;
        space = other.space;
        global = other.global;
        firstStage = other.firstStage;
        inDevice = other.inDevice;
    }

    void range(long newFirst, long newLast, boolean isPointer) {
        first = newFirst;
        last = newLast;
        pointer = isPointer;
    }

    /** The tables of one stage alone, as a walker keeps them. */
    void stage(boolean isFirst) {
        firstStage = isFirst;
    }

    /** Takes over the sources of a cached entry that is used; of a whole translation also whose it is. */
    void use(Trail entry, String cache, boolean whole) {
        int before = size;
        take(entry, 0, entry.size);
        Arrays.fill(caches, before, size, cache);
        if (whole) {
            owners(entry);
        }
    }

    void halve(int index) {
        halves[index] = true;
    }

    boolean ended(int index) {
        return ends[index] != null;
    }

    void end(int index, Issued by, long now) {
        ends[index] = by;
        found[index] = now;
    }

    /** The first source that may not be used any more, or -1. */
    int dead() {
        for (int i = 0; i < size; i++) {
            Issued by = ends[i];
            if (by != null && by.isComplete()) {
                return i;
            }
        }
        return -1;
    }

    @Nullable
    Issued endedBy(int index) {
        return ends[index];
    }

    long found(int index) {
        return found[index];
    }

    /** The cache that the source came from; empty if this translation read it itself. */
    String from(int index) {
        return caches[index];
    }
}
