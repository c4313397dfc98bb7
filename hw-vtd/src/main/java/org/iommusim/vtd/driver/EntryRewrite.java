package org.iommusim.vtd.driver;

import java.util.Arrays;
import org.iommusim.hw.check.Rewrite;

/**
 * A context or PASID entry on its way from one value to another, for the checker of torn reads. Bit 0 of the first word says
 * that the rest counts, in both.
 */
final class EntryRewrite implements Rewrite {
    private final String name;
    private final long[] from;
    private final long[] to;

    EntryRewrite(String name, long[] from, long[] to) {
        this.name = name;
        this.from = from.clone();
        this.to = to.clone();
    }

    @Override
    public boolean mixes(long[] seen) {
        return (seen[0] & 1) != 0 && !Arrays.equals(seen, from) && !Arrays.equals(seen, to);
    }

    @Override
    public long stableId() {
        return (Arrays.hashCode(from) * 31L + Arrays.hashCode(to)) * 31 + name.hashCode() | 1;
    }

    @Override
    public String toString() {
        return name;
    }
}
