package org.iommusim.iommufd.pt;

import org.iommusim.hw.driver.Errno;
import org.iommusim.iommufd.mm.Process;
import org.iommusim.sim.memory.PhysicalMemory;

/**
 * Where a map may go ({@code iopt_alloc_iova}, {@code iopt_check_iova}). Addresses are unsigned. The first and the last page
 * are never chosen automatically, nor is a hole of a single byte.
 */
final class IovaPlan {
    private static final long PAGE = PhysicalMemory.PAGE_BYTES;

    private final IoPagetable iopt;
    private final long length;
    private long align;
    private long offset;
    private long chosen;

    IovaPlan(IoPagetable iopt, long length) {
        this.iopt = iopt;
        this.length = length;
    }

    /** The address that {@link #fixed} or {@link #automatic} found. */
    long chosen() {
        return chosen;
    }

    boolean lengthFits() {
        return length != 0 && (length & iopt.iovaAlignment() - 1) == 0;
    }

    /** Takes exactly this address. Errors: EINVAL (alignment), EOVERFLOW, EINVAL (reserved), EEXIST. */
    int fixed(long iova) {
        if ((iova & iopt.iovaAlignment() - 1) != 0) {
            return Errno.EINVAL;
        }
        long last = iova + length - 1;
        if (Long.compareUnsigned(last, iova) < 0) {
            return Errno.EOVERFLOW;
        }
        if (iopt.reserved().first(iova, last) != null) {
            return Errno.EINVAL;
        }
        chosen = iova;
        return iopt.areas().first(iova, last) != null ? Errno.EEXIST : 0;
    }

    /** Takes the lowest address that fits and keeps the alignment of {@code want}. Errors: EOVERFLOW, EINVAL, ENOSPC. */
    int automatic(long want) {
        if (length == 0 || Long.compareUnsigned(length, -1L >>> 1) >= 0) {
            return Errno.EOVERFLOW;
        }
        align = length == 1 ? 1 : Long.highestOneBit(length - 1) << 1;
        if (want != 0) {
            align = minUnsigned(align, Long.lowestOneBit(want));
        }
        align = minUnsigned(align, Process.HUGE_BYTES);
        if (align < iopt.iovaAlignment()) {
            return Errno.EINVAL;
        }
        offset = want & PAGE - 1;
        if (iopt.allowed().isEmpty()) {
            return inAllowed(PAGE, -1L - PAGE) ? 0 : Errno.ENOSPC;
        }
        return inAllowedRanges() ? 0 : Errno.ENOSPC;
    }

    /** Tries each span of allowed ranges; ranges that touch are one span. */
    private boolean inAllowedRanges() {
        long top = -1L - PAGE;
        IoptRange range = iopt.allowed().first(PAGE, top);
        while (range != null) {
            long first = maxUnsigned(range.first(), PAGE);
            long last = range.last();
            IoptRange next = iopt.allowed().next(range, PAGE, top);
            while (next != null && last != -1L && Long.compareUnsigned(next.first(), last + 1) <= 0) {
                last = maxUnsigned(last, next.last());
                next = iopt.allowed().next(next, PAGE, top);
            }
            if (inAllowed(first, minUnsigned(last, top))) {
                return true;
            }
            range = next;
        }
        return false;
    }

    private boolean inAllowed(long first, long last) {
        if (!fits(first, last)) {
            return false;
        }
        Spans holes = Spans.of(chosen, last, iopt.reserved(), iopt.areas());
        while (holes.nextHole()) {
            if (fits(holes.holeFirst(), holes.holeLast())) {
                return true;
            }
        }
        return false;
    }

    /** {@code __alloc_iova_check_range}: leaves the lowest address in [first, last] that fits in {@link #chosen}. */
    private boolean fits(long first, long last) {
        long at = first + align - 1;
        if (Long.compareUnsigned(at, first) < 0) {
            return false;
        }
        at = at & -align | offset;
        if (Long.compareUnsigned(at, last) >= 0 || Long.compareUnsigned(last - at, length - 1) < 0) {
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
