package org.iommusim.iommufd.pt;

import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.driver.PagingDomain;
import org.iommusim.iommufd.mm.Process;

/**
 * Where a map may go ({@code iopt_alloc_iova}, {@code iopt_check_iova}). Addresses are unsigned. What lies outside of a
 * domain's aperture is reserved; the first and the last page are never chosen automatically.
 */
final class IovaPlan {
    private static final long PAGE = 4096;

    private final Ioas ioas;
    private final long length;
    private long first = 0;
    private long last = -1L;
    private long alignment = 1;
    private long chosen;

    IovaPlan(Ioas ioas, long length) {
        this.ioas = ioas;
        this.length = length;
        for (PagingDomain domain : ioas.domains()) {
            first = maxUnsigned(first, domain.apertureStart());
            last = minUnsigned(last, domain.apertureEnd());
            alignment = Math.max(alignment, Long.lowestOneBit(domain.pageSizes()));
        }
    }

    /** The address that {@link #fixed} or {@link #automatic} found. */
    long chosen() {
        return chosen;
    }

    /** {@code iova_alignment}: what addresses and lengths must be multiples of. */
    long alignment() {
        return alignment;
    }

    boolean lengthFits() {
        return length != 0 && (length & alignment - 1) == 0;
    }

    /** Takes exactly this address. Errors: EINVAL, EOVERFLOW, EEXIST. */
    int fixed(long iova) {
        if ((iova & alignment - 1) != 0) {
            return Errno.EINVAL;
        }
        long end = iova + length - 1;
        if (Long.compareUnsigned(end, iova) < 0) {
            return Errno.EOVERFLOW;
        }
        if (Long.compareUnsigned(iova, first) < 0 || Long.compareUnsigned(end, last) > 0) {
            return Errno.EINVAL;
        }
        for (IoptArea area : ioas.areas()) {
            if (Long.compareUnsigned(area.iova(), end) <= 0 && Long.compareUnsigned(iova, area.last()) <= 0) {
                return Errno.EEXIST;
            }
        }
        chosen = iova;
        return 0;
    }

    /** Takes the lowest address that fits and keeps the alignment of {@code want}. Errors: EOVERFLOW, EINVAL, ENOSPC. */
    int automatic(long want) {
        if (Long.compareUnsigned(length, -1L >>> 1) >= 0) {
            return Errno.EOVERFLOW;
        }
        long align = length == 1 ? 1 : Long.highestOneBit(length - 1) << 1;
        if (want != 0) {
            align = minUnsigned(align, Long.lowestOneBit(want));
        }
        align = minUnsigned(align, Process.HUGE_BYTES);
        if (align < alignment) {
            return Errno.EINVAL;
        }
        long from = maxUnsigned(first, PAGE);
        long windowEnd = minUnsigned(last, -1L - PAGE);
        for (IoptArea area : ioas.areas()) {
            if (Long.compareUnsigned(area.iova(), from) > 0 && fits(from, area.iova() - 1, align, want)) {
                return 0;
            }
            if (Long.compareUnsigned(area.last(), from) >= 0) {
                from = area.last() + 1;
            }
            if (from == 0) {
                return Errno.ENOSPC;
            }
        }
        return fits(from, windowEnd, align, want) ? 0 : Errno.ENOSPC;
    }

    private boolean fits(long from, long holeLast, long align, long want) {
        long lastAllowed = minUnsigned(holeLast, minUnsigned(last, -1L - PAGE));
        long at = from + align - 1 & -align;
        if (Long.compareUnsigned(at, from) < 0) {
            return false;
        }
        at |= want & PAGE - 1;
        long end = at + length - 1;
        if (Long.compareUnsigned(end, at) < 0 || Long.compareUnsigned(end, lastAllowed) > 0) {
            return false;
        }
        chosen = at;
        return true;
    }

    private static long maxUnsigned(long a, long b) {
        return Long.compareUnsigned(a, b) >= 0 ? a : b;
    }

    private static long minUnsigned(long a, long b) {
        return Long.compareUnsigned(a, b) <= 0 ? a : b;
    }
}
