package org.iommusim.amdvi.driver;

import java.util.Arrays;
import org.iommusim.amdvi.spec.Dte;
import org.iommusim.hw.check.Rewrite;

/**
 * A device table entry on its way from one value to another, for the checker of torn reads. Hardware reads an entry at once,
 * so that it mixes what memory mixes at that moment. What counts is what hardware looks at: nothing but V and TV if one of them
 * is clear, and nothing of the guest's if GV is clear.
 */
final class DteRewrite implements Rewrite {
    private static final long GUEST0 = Dte.GV.mask() | Dte.GLX.mask() | Dte.GIOV.mask() | Dte.GCR3_14_12.mask();
    private static final long GUEST1 = Dte.GCR3_30_15.mask() | Dte.GCR3_51_31.mask();

    private final String name;
    private final long[] from;
    private final long[] to;

    DteRewrite(String name, long[] from, long[] to) {
        this.name = name;
        this.from = from.clone();
        this.to = to.clone();
    }

    @Override
    public boolean mixes(long[] seen) {
        long[] counts = counting(seen);
        return !blocks(counts) && !Arrays.equals(counts, counting(from)) && !Arrays.equals(counts, counting(to));
    }

    @Override
    public boolean exposes(long[] now) {
        return mixes(now);
    }

    /** Valid, and says that everything is to be aborted. */
    private static boolean blocks(long[] counting) {
        return Dte.V.isSet(counting[0]) && !Dte.TV.isSet(counting[0]);
    }

    /** What hardware looks at for translating; interrupt fields are rewritten by others. */
    private static long[] counting(long[] words) {
        long valid = words[0] & (Dte.V.mask() | Dte.TV.mask());
        if (valid != (Dte.V.mask() | Dte.TV.mask())) {
            return new long[] {Dte.V.isSet(valid) ? Dte.V.mask() : 0, 0, 0};
        }
        return Dte.GV.isSet(words[0])
                ? new long[] {words[0], words[1], Dte.GUEST_PAGING_MODE.inPlace(words[2])}
                : new long[] {words[0] & ~GUEST0, words[1] & ~GUEST1, 0};
    }

    @Override
    public long stableId() {
        return (Arrays.hashCode(from) * 31L + Arrays.hashCode(to)) * 31 + name.hashCode() | 1L << 62;
    }

    @Override
    public String toString() {
        return name;
    }
}
