package org.iommusim.iommufd.pt;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;
import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.driver.PagingDomain;
import org.iommusim.iommufd.mm.AccountMode;
import org.iommusim.iommufd.testkit.Rig;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.random.RandomStream;
import org.iommusim.sim.random.RandomStreams;
import org.iommusim.sim.world.LongCell;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random maps, unmaps, copies, reserved and allowed ranges and domains on two address spaces, each step compared with {@link
 * ReferenceSpace}: answers, places, areas, translations of every domain, and pins.
 */
class IoPagetablePropertyTest {
    private static final int STEPS = 250;
    private static final int PAGES = 64;
    private static final long PAGE = 4096;

    private final Rig rig = new Rig();
    private final long va = rig.process.mmap(PAGES * PAGE, false);
    private final int device = rig.bind(rig.open(rig.plug("net0", 0x100)));
    private final int[] ids = {rig.ioasAlloc(), rig.ioasAlloc()};
    private final ReferenceSpace[] expected = {new ReferenceSpace(), new ReferenceSpace()};
    private final List<List<Integer>> hwpts = List.of(new ArrayList<>(), new ArrayList<>());
    private final Local local = new Local(rig);
    /** Where in the process each object of pages begins. */
    private final TreeMap<Integer, Long> objects = new TreeMap<>();

    private RandomStream random = new RandomStreams(0).split("none");

    private static final class Local extends Frame {
        final LongCell iova = num();

        Local(Rig rig) {
            super(rig.simulation.world());
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void shouldAgreeWithPlainLists(long seed) {
        random = new RandomStreams(seed).split("iopt");
        for (int step = 0; step < STEPS; step++) {
            int which = pick(2);
            switch (pick(12)) {
                case 0, 1, 2 -> mapFixed(which);
                case 3, 4 -> mapAnywhere(which);
                case 5, 6 -> unmap(which);
                case 7, 8 -> copy(which);
                case 9 -> ranges(which);
                case 10 -> domain(which);
                default -> settings(which);
            }
            compare();
        }
        assertThat(rig.footprints.undeclared()).isEmpty();
        assertThat(rig.violations()).isEmpty();
    }

    private int pick(int n) {
        return random.nextInt(n);
    }

    private IoPagetable iopt(int which) {
        if (rig.ctx.objects().load(ids[which]) instanceof Ioas ioas) {
            return ioas.iopt();
        }
        throw new AssertionError("no ioas");
    }

    /** Mostly pages; sometimes a few bytes off. */
    private long unit(int pages) {
        return pick(6) == 0 ? pick(pages) * PAGE + pick(3) * 0x400 : pick(pages) * PAGE;
    }

    private long length() {
        return Math.max(1, unit(6));
    }

    private long place() {
        return pick(12) == 0 ? ReferenceSpace.APERTURE - PAGE + unit(3) : unit(96);
    }

    private IoptMapSource.Request request(long length, boolean fixed) {
        return new IoptMapSource.Request(length, 3, fixed, local.iova, rig.process.payer(), AccountMode.USER);
    }

    private void mapFixed(int which) {
        long length = length();
        long offset = unit(PAGES - 8);
        long iova = place();
        local.iova.set(iova);
        int answer = rig.run(IoptMapSource.user(iopt(which), rig.process, va + offset, request(length, true)));
        int right = expected[which].fixed(iova, length);
        right = right == 0 ? offsetFits(which, va + offset) : right;
        assertThat(answer).isEqualTo(right);
        if (answer == 0) {
            record(which, iova, length, va + offset);
        }
    }

    private int offsetFits(int which, long address) {
        return address % PAGE % expected[which].alignment() == 0 ? 0 : Errno.EINVAL;
    }

    private void record(int which, long iova, long length, long address) {
        objects.put(objects.size(), address - address % PAGE);
        expected[which].maps.add(
                new ReferenceSpace.Map(iova, length, objects.size() - 1, address % PAGE, PagingDomain.PROT_WRITE));
    }

    private void mapAnywhere(int which) {
        long length = length();
        long address = va + unit(PAGES - 8);
        int answer = rig.run(IoptMapSource.user(iopt(which), rig.process, address, request(length, false)));
        long right = expected[which].automatic(address, length);
        assertThat(answer == 0 ? local.iova.get() : answer).isEqualTo(right);
        if (answer == 0) {
            record(which, right, length, address);
        }
    }

    private void unmap(int which) {
        long first = pick(8) == 0 ? 0 : place();
        long last = first == 0 ? -1L : first + length() * 2 - 1;
        long[] bytes = {0};
        local.iova.set(0);
        int answer = rig.run(IoptUnmap.range(iopt(which), first, last, local.iova));
        assertThat(answer).isEqualTo(expected[which].unmap(first, last, bytes));
        assertThat(local.iova.get()).isEqualTo(bytes[0]);
    }

    private void copy(int which) {
        int from = pick(2);
        long source = place();
        long length = length();
        List<ReferenceSpace.Map> slices = expected[from].slices(source, length);
        IoptCopy.Pages pages = new IoptCopy.Pages(local);
        int got = rig.run(pages.get(iopt(from), source, length));
        assertThat(got).isEqualTo(slices == null ? Errno.ENOENT : 0);
        if (slices == null) {
            return;
        }
        long target = place();
        local.iova.set(target);
        int answer = rig.run(pages.map(iopt(which), 3, true, local.iova));
        assertThat(answer).isEqualTo(copyAnswer(which, target, length, slices));
        for (ReferenceSpace.Map slice : answer == 0 ? slices : List.<ReferenceSpace.Map>of()) {
            long at = target + (slice.first() - source);
            expected[which].maps.add(
                    new ReferenceSpace.Map(at, slice.length(), slice.pages(), slice.startByte(), slice.protection()));
        }
    }

    private int copyAnswer(int which, long target, long length, List<ReferenceSpace.Map> slices) {
        int answer = expected[which].fixed(target, length);
        for (ReferenceSpace.Map slice : slices) {
            answer = answer == 0 ? offsetFits(which, slice.startByte()) : answer;
        }
        return answer;
    }

    private void ranges(int which) {
        long first = place();
        long last = first + length() * 4;
        if (pick(3) == 0) {
            assertThat(rig.run(IoptReserve.remove(iopt(which), null))).isZero();
            expected[which].reserved.clear();
        } else if (pick(2) == 0) {
            assertThat(rig.run(IoptReserve.add(iopt(which), List.of(new long[] {first, last}), null)))
                    .isEqualTo(expected[which].reserve(first, last));
        } else {
            List<ReferenceSpace.Range> list = new ArrayList<>();
            for (int i = pick(3); i > 0; i--) {
                list.add(new ReferenceSpace.Range(first, last));
                first = last + 1 + unit(3);
                last = first + length() * 4;
            }
            List<long[]> ranges =
                    list.stream().map(r -> new long[] {r.first(), r.last()}).toList();
            assertThat(rig.run(IoptReserve.allow(iopt(which), ranges))).isEqualTo(expected[which].allow(list));
        }
    }

    private void domain(int which) {
        if (pick(3) == 0 && !hwpts.get(which).isEmpty()) {
            int id = hwpts.get(which).remove(pick(hwpts.get(which).size()));
            assertThat(rig.destroy(id)).isZero();
            expected[which].domains--;
        } else if (hwpts.get(which).size() < 3) {
            int id = rig.hwptAlloc(device, ids[which], false);
            int right = expected[which].addDomain();
            assertThat(Math.min(id, 0)).isEqualTo(right);
            if (id > 0) {
                hwpts.get(which).add(id);
            }
        }
    }

    private void settings(int which) {
        boolean enable = pick(2) == 0;
        ReferenceSpace space = expected[which];
        int right = 0;
        if (!enable && !space.small) {
            right = space.domains > 0 && !space.maps.isEmpty()
                    ? Errno.EINVAL
                    : space.aligned(PAGE) ? 0 : Errno.EADDRINUSE;
        }
        assertThat(rig.run(IoptSettings.largePages(iopt(which), enable))).isEqualTo(right);
        space.small = right == 0 ? !enable : space.small;
    }

    private void compare() {
        TreeMap<Integer, TreeSet<Long>> pinned = new TreeMap<>();
        for (int which = 0; which < 2; which++) {
            ReferenceSpace space = expected[which];
            space.maps.sort(Comparator.comparing(ReferenceSpace.Map::first, Long::compareUnsigned));
            List<String> areas = new ArrayList<>();
            IntervalTree<IoptArea> tree = iopt(which).areas();
            for (IoptArea area = tree.first(0, -1L); area != null; area = tree.next(area, 0, -1L)) {
                areas.add(area.first() + "+" + area.length());
            }
            assertThat(areas)
                    .isEqualTo(space.maps.stream()
                            .map(m -> m.first() + "+" + m.length())
                            .toList());
            assertThat(iopt(which).iovaAlignment()).isEqualTo(space.alignment());
            space.pins(pinned);
            for (PagingDomain domain : iopt(which).domains()) {
                space.maps.forEach(map -> translated(domain, map));
            }
        }
        long pages = pinned.values().stream().mapToLong(TreeSet::size).sum();
        assertThat(rig.process.pinnedPages()).isEqualTo(pages);
        assertThat(rig.audit()).isEmpty();
        assertThat(rig.process.user().lockedPages()).isEqualTo(pages);
    }

    private void translated(PagingDomain domain, ReferenceSpace.Map map) {
        Long base = objects.get(map.pages());
        assertThat(base).isNotNull();
        for (long at = 0; base != null && at < map.length(); at += PAGE) {
            assertThat(domain.iovaToPhys(map.first() + at))
                    .isEqualTo(rig.process.translate(base + map.startByte() + at));
        }
    }
}
