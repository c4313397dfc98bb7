package org.iommusim.smmuv3.driver;

import java.util.Arrays;
import org.iommusim.hw.check.Rewrite;
import org.iommusim.smmuv3.spec.Ste;

/**
 * A stream table entry on its way from one value to another, for the checker of torn reads. What counts is what hardware
 * looks at; bits that may change at any moment ({@link SteUsed#safe}) may be of either.
 */
final class SteRewrite implements Rewrite {
    private final int sid;
    private final long[] from;
    private final long[] to;

    SteRewrite(int sid, long[] from, long[] to) {
        this.sid = sid;
        this.from = from.clone();
        this.to = to.clone();
    }

    @Override
    public boolean mixes(long[] seen) {
        return Ste.V.isSet(seen[0]) && !looksLike(seen, from) && !looksLike(seen, to);
    }

    private boolean looksLike(long[] seen, long[] entry) {
        for (int i = 0; i < Ste.WORDS; i++) {
            long counts = SteUsed.used(entry, i) & ~SteUsed.safe(from, to, i);
            if ((seen[i] & counts) != (entry[i] & counts)) {
                return false;
            }
        }
        return true;
    }

    @Override
    public long stableId() {
        return (Arrays.hashCode(from) * 31L + Arrays.hashCode(to)) * 31 + sid + 1 | 1;
    }

    @Override
    public String toString() {
        return "STE of stream 0x" + Integer.toHexString(sid);
    }
}
