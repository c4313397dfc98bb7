package org.iommusim.vtd.driver;

import java.util.Arrays;
import org.iommusim.hw.check.Rewrite;
import org.iommusim.hw.check.SourceKind;

/**
 * A context or PASID entry on its way from one value to another, for the checker of torn reads. Bit 0 of the first word says
 * that the rest counts, in both.
 *
 * <p>Hardware reads an entry 128 bits at a time, from the lowest on. Whoever has found it present goes on reading until an
 * invalidation of what is cached of such entries is complete; so P alone may be cleared before that.
 */
final class EntryRewrite implements Rewrite {
    /** Words that hardware reads at once. */
    private static final int ATOM_WORDS = 2;

    private final String name;
    private final SourceKind kind;
    private final long[] from;
    private final long[] to;
    /** P is clear in memory. */
    private final boolean gone;
    /** Nobody is still reading what it was. */
    private final boolean settled;

    /**
     * A rewrite of which nothing is stored.
     *
     * @param kind of descriptor, by which it is invalidated
     */
    EntryRewrite(String name, SourceKind kind, long[] from, long[] to) {
        this(name, kind, from.clone(), to.clone(), (from[0] & 1) == 0, (from[0] & 1) == 0);
    }

    private EntryRewrite(String name, SourceKind kind, long[] from, long[] to, boolean gone, boolean settled) {
        this.name = name;
        this.kind = kind;
        this.from = from;
        this.to = to;
        this.gone = gone;
        this.settled = settled;
    }

    @Override
    public boolean mixes(long[] seen) {
        return (seen[0] & 1) != 0 && !Arrays.equals(seen, from) && !Arrays.equals(seen, to);
    }

    @Override
    public boolean exposes(long[] now) {
        return mixes(now) || !settled && mixes(begunBefore(now));
    }

    /** What somebody gets who has read the first atom before, and reads the others now. */
    private long[] begunBefore(long[] now) {
        long[] seen = now.clone();
        System.arraycopy(from, 0, seen, 0, ATOM_WORDS);
        return seen;
    }

    @Override
    public Rewrite stored(long[] now) {
        return new EntryRewrite(name, kind, from, to, (now[0] & 1) == 0, settled);
    }

    @Override
    public Rewrite settled(SourceKind which) {
        return gone && which == kind ? new EntryRewrite(name, kind, from, to, true, true) : this;
    }

    @Override
    public long stableId() {
        long words = Arrays.hashCode(from) * 31L + Arrays.hashCode(to);
        return (words * 31 + name.hashCode()) * 4 + (gone ? 2 : 0) + (settled ? 1 : 0) | 1L << 62;
    }

    @Override
    public String toString() {
        return name;
    }
}
