package org.iommusim.iommufd.pt;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;
import org.iommusim.hw.driver.Errno;
import org.jspecify.annotations.Nullable;

/** An address space as plain lists, searched from end to end: what the model's trees must agree with. */
final class ReferenceSpace {
    /** First address that domains cannot map; those of the tests begin at 0. */
    static final long APERTURE = 1L << 39;

    private static final long PAGE = 4096;

    /** A map: addresses, and the slice of an object of pages. */
    record Map(long first, long length, int pages, long startByte, int protection) {
        long last() {
            return first + length - 1;
        }
    }

    /** A range. */
    record Range(long first, long last) {
        boolean overlaps(long otherFirst, long otherLast) {
            return Long.compareUnsigned(first, otherLast) <= 0 && Long.compareUnsigned(last, otherFirst) >= 0;
        }
    }

    final List<Map> maps = new ArrayList<>();
    final List<Range> reserved = new ArrayList<>();
    List<Range> allowed = List.of();
    int domains;
    boolean small;

    long alignment() {
        return domains > 0 || small ? PAGE : 1;
    }

    private List<Range> forbidden() {
        List<Range> all = new ArrayList<>(reserved);
        if (domains > 0) {
            all.add(new Range(APERTURE, -1L));
        }
        return all;
    }

    private boolean mapped(long first, long last) {
        return maps.stream().anyMatch(m -> new Range(m.first, m.last()).overlaps(first, last));
    }

    private boolean forbidden(long first, long last) {
        return forbidden().stream().anyMatch(r -> r.overlaps(first, last));
    }

    /** The answer of a map at a fixed place. */
    int fixed(long iova, long length) {
        if (length % alignment() != 0 || iova % alignment() != 0) {
            return Errno.EINVAL;
        }
        long last = iova + length - 1;
        if (Long.compareUnsigned(last, iova) < 0) {
            return Errno.EOVERFLOW;
        }
        if (forbidden(iova, last)) {
            return Errno.EINVAL;
        }
        return mapped(iova, last) ? Errno.EEXIST : 0;
    }

    /** The address of an automatic map, or the errno. Lengths are below 2^62. */
    long automatic(long want, long length) {
        if (length % alignment() != 0) {
            return Errno.EINVAL;
        }
        long align = 1;
        while (align < length && align < 2 << 20 && (want & align) == 0) {
            align *= 2;
        }
        if (align < alignment()) {
            return Errno.EINVAL;
        }
        TreeSet<Long> starts = new TreeSet<>(Long::compareUnsigned);
        windows().forEach(w -> starts.add(w.first));
        forbidden().forEach(r -> starts.add(r.last + 1));
        maps.forEach(m -> starts.add(m.last() + 1));
        long best = 0;
        for (long start : starts) {
            long at = start + align - 1 & -align | want % PAGE;
            if (Long.compareUnsigned(at, start) >= 0
                    && (best == 0 || Long.compareUnsigned(at, best) < 0)
                    && fits(at, length)) {
                best = at;
            }
        }
        return best == 0 ? Errno.ENOSPC : best;
    }

    private List<Range> windows() {
        if (allowed.isEmpty()) {
            return List.of(new Range(PAGE, -1L - PAGE));
        }
        // Ranges that touch are one window; the tests give them by rising address.
        List<Range> merged = new ArrayList<>();
        for (Range range : allowed) {
            Range before = merged.isEmpty() ? null : merged.remove(merged.size() - 1);
            boolean touches = before != null && before.last + 1 == range.first;
            if (before != null && !touches) {
                merged.add(before);
            }
            merged.add(before != null && touches ? new Range(before.first, range.last) : range);
        }
        return merged;
    }

    private boolean fits(long at, long length) {
        long last = at + length - 1;
        // A hole or a window of which only the last byte is left does not count.
        if (Long.compareUnsigned(last, at) < 0 || forbidden(at, last) || mapped(at, last)) {
            return false;
        }
        boolean room = length > 1 || !forbidden(at, at + 1) && !mapped(at, at + 1);
        return room
                && windows().stream()
                        .anyMatch(w -> Long.compareUnsigned(w.first, at) <= 0
                                && Long.compareUnsigned(
                                                Long.compareUnsigned(w.last, -1L - PAGE) < 0 ? w.last : -1L - PAGE,
                                                last)
                                        >= 0
                                && (length > 1 || w.last != at));
    }

    /** Takes whole maps out of a range by rising address; the answer. */
    int unmap(long first, long last, long[] bytes) {
        List<Map> inside = new ArrayList<>(maps);
        inside.removeIf(m -> !new Range(m.first, m.last()).overlaps(first, last));
        inside.sort(Comparator.comparing(Map::first, Long::compareUnsigned));
        for (Map map : inside) {
            if (Long.compareUnsigned(map.first, first) < 0 || Long.compareUnsigned(map.last(), last) > 0) {
                return Errno.ENOENT;
            }
            maps.remove(map);
            bytes[0] += map.length;
        }
        return 0;
    }

    /** The slices behind a range; {@code null} if there is a hole. */
    @Nullable
    List<Map> slices(long first, long length) {
        List<Map> slices = new ArrayList<>();
        long at = first;
        long left = length;
        while (left > 0) {
            long here = at;
            Map map = maps.stream()
                    .filter(m -> new Range(m.first, m.last()).overlaps(here, here))
                    .findFirst()
                    .orElse(null);
            if (map == null) {
                return null;
            }
            long n = Math.min(left, map.length - (at - map.first));
            slices.add(new Map(at, n, map.pages, map.startByte + (at - map.first), map.protection));
            at += n;
            left -= n;
        }
        return slices;
    }

    boolean aligned(long alignment) {
        return maps.stream()
                .allMatch(m ->
                        m.first % alignment == 0 && m.length % alignment == 0 && m.startByte % PAGE % alignment == 0);
    }

    int reserve(long first, long last) {
        if (mapped(first, last) || allowed.stream().anyMatch(r -> r.overlaps(first, last))) {
            return Errno.EADDRINUSE;
        }
        reserved.add(new Range(first, last));
        return 0;
    }

    int allow(List<Range> ranges) {
        for (Range range : ranges) {
            if (forbidden(range.first, range.last)) {
                return Errno.EADDRINUSE;
            }
        }
        allowed = ranges;
        return 0;
    }

    int addDomain() {
        boolean raises = alignment() < PAGE;
        boolean outside = mapped(APERTURE, -1L) || allowed.stream().anyMatch(r -> r.overlaps(APERTURE, -1L));
        if (raises && !aligned(PAGE) || outside) {
            return Errno.EADDRINUSE;
        }
        domains++;
        return 0;
    }

    /** Pages that the maps of this space keep pinned, by object: object to page numbers. */
    void pins(TreeMap<Integer, TreeSet<Long>> pinned) {
        if (domains == 0) {
            return;
        }
        for (Map map : maps) {
            TreeSet<Long> pages = pinned.computeIfAbsent(map.pages, id -> new TreeSet<>());
            for (long page = map.startByte / PAGE; page <= (map.startByte + map.length - 1) / PAGE; page++) {
                pages.add(page);
            }
        }
    }
}
