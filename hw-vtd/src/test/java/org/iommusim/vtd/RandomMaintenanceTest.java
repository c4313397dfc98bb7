package org.iommusim.vtd;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.iommusim.hw.dma.DmaCompletion;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.hw.dma.Station;
import org.iommusim.sim.event.EventHandler;
import org.iommusim.sim.event.Lane;
import org.iommusim.sim.event.Phase;
import org.iommusim.sim.testkit.Gen;
import org.iommusim.vtd.MaintenanceBook.Space;
import org.iommusim.vtd.spec.ContextEntry;
import org.iommusim.vtd.spec.Inv;
import org.iommusim.vtd.spec.PasidEntry;
import org.iommusim.vtd.spec.Reg;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random changes of tables, random descriptors of every kind (also of other domains, PASIDs and addresses, and such that do
 * not drain), and traffic of functions and PASIDs of every kind, all at once. Whenever an access is carried out, the {@link
 * MaintenanceBook} must allow where it ends.
 */
class RandomMaintenanceTest {
    private static final int PAGES = 6;
    private static final int IN_FLIGHT = 24;
    private static final int ROUNDS = 200;
    private static final long DATA = 0x2000_0000;
    private static final long GUEST = 0x4000_0000;

    private static final List<Space> LEGACY = List.of(
            new Space(0x08, -1, 1, false, true),
            new Space(0x10, -1, 2, false, true),
            new Space(0x18, -1, 3, false, true));

    private static final List<Space> SCALABLE = List.of(
            new Space(0x08, -1, 1, false, true),
            new Space(0x10, 5, 2, true, false),
            new Space(0x10, 6, 2, true, false),
            new Space(0x10, 7, 3, true, true),
            new Space(0x18, 8, 4, true, true),
            new Space(0x18, 5 + 64, 5, true, false));

    private static final class Run implements DmaCompletion, EventHandler {
        final VtdTestbed bed;
        final Gen gen;
        final List<Space> spaces;
        final MaintenanceBook book = new MaintenanceBook();
        final long[] roots;
        final NestedTables[] nested;
        final long[][] guests;
        final DmaRequest[] requests = new DmaRequest[IN_FLIGHT];
        final Lane[] lanes = new Lane[IN_FLIGHT];
        /** Waits in the queue: what they write, and how many descriptors they stand behind. */
        final ArrayDeque<long[]> waits = new ArrayDeque<>();

        long nextPage;
        long issued;
        boolean stopped;

        Run(String preset, long seed) {
            gen = new Gen(seed);
            Map<String, Long> shape = new TreeMap<>();
            shape.put("walk_slots", gen.between(1, 8));
            shape.put("iotlb_cycles", gen.oneIn(2) ? 3 : gen.between(3, 40));
            if (gen.oneIn(2)) {
                shape.put("iotlb_entries", 8L);
                shape.put("iotlb_ways", 4L);
            }
            if (gen.oneIn(3)) {
                shape.put("iotlb_ports", 4L);
                shape.put("merge_misses", 0L);
            }
            bed = VtdTestbed.of(preset, shape);
            boolean scalable = preset.equals("scalable");
            spaces = scalable ? SCALABLE : LEGACY;
            roots = new long[spaces.size()];
            nested = new NestedTables[spaces.size()];
            guests = new long[spaces.size()][PAGES];
            if (scalable) {
                bed.scalable();
            } else {
                bed.legacy();
            }
            for (int i = 0; i < spaces.size(); i++) {
                make(i, spaces.get(i), scalable);
            }
            for (int i = 0; i < requests.length; i++) {
                requests[i] = new DmaRequest();
                lanes[i] = bed.sim.scheduler().newLane("data " + i, Phase.HARDWARE);
            }
        }

        private void make(int i, Space s, boolean scalable) {
            if (s.first() && s.second()) {
                nested[i] = new NestedTables(bed);
            } else {
                roots[i] = bed.page();
            }
            if (!scalable) {
                bed.context(s.sid(), ContextEntry.present(ContextEntry.TT_UNTRANSLATED, roots[i], 4, s.did()));
            } else {
                bed.scalableContext(s.sid(), VtdTestbed.function());
                bed.pasid(
                        s.tablesOf(),
                        !s.first()
                                ? PasidEntry.secondStage(roots[i], 4, s.did())
                                : s.second() ? nested[i].entry(s.did()) : PasidEntry.firstStage(roots[i], 4, s.did()));
            }
            for (int page = 0; page < PAGES; page++) {
                move(i, page);
            }
        }

        /** Gives a page a place where nothing has been before. */
        private void move(int i, int page) {
            Space s = spaces.get(i);
            long iova = (long) page << 12;
            long pa = DATA + (nextPage++ << 12);
            book.moved(s, iova, pa);
            if (!s.first()) {
                bed.mapSecond(roots[i], 4, iova, pa);
            } else if (!s.second()) {
                bed.mapFirst(roots[i], 4, iova, pa);
            } else if (guests[i][page] == 0 || gen.oneIn(2)) {
                guests[i][page] = GUEST + (nextPage << 12);
                nested[i].map(iova, guests[i][page], pa);
            } else {
                bed.mapSecond(nested[i].second, 4, guests[i][page], pa);
            }
        }

        private void descriptor(long w0, long w1) {
            bed.put(w0, w1);
            book.issued(w0, w1);
        }

        private void randomDescriptor() {
            Space s = gen.pick(spaces);
            int i = spaces.indexOf(s);
            int page = gen.below(PAGES);
            int did = gen.oneIn(8) ? 9 : s.did();
            int pasid = gen.oneIn(8) ? 99 : s.tablesOf();
            boolean drains = !gen.oneIn(6);
            boolean guest = s.first() && s.second() && gen.oneIn(2);
            long pages = Inv.pages1(guest ? guests[i][page] : (long) page << 12, gen.below(3), gen.oneIn(2));
            switch (gen.below(s.first() ? 8 : 5)) {
                case 0, 1, 2 -> descriptor(Inv.iotlb0(Inv.G_IOTLB_PAGE, did, drains, drains), pages);
                case 3 -> descriptor(Inv.iotlb0(Inv.G_IOTLB_DOMAIN, did, drains, drains), 0);
                case 4 -> configuration(s, did, pasid);
                case 5, 6 ->
                    descriptor(
                            Inv.pasidIotlb0(Inv.G_PASID_PAGE, did, pasid),
                            Inv.pages1((long) page << 12, gen.below(3), gen.oneIn(2)));
                default -> descriptor(Inv.pasidIotlb0(Inv.G_PASID_ALL, did, pasid), 0);
            }
        }

        /** None of these says anything about translations; only now and then everything goes. */
        private void configuration(Space s, int did, int pasid) {
            switch (gen.below(spaces == SCALABLE ? 4 : 3)) {
                case 0 -> descriptor(Inv.context0(Inv.G_CONTEXT_DEVICE, did, s.sid(), 0), 0);
                case 1 -> descriptor(Inv.context0(Inv.G_CONTEXT_GLOBAL, 0, 0, 0), 0);
                case 2 -> {
                    if (gen.oneIn(4)) {
                        descriptor(Inv.iotlb0(Inv.G_IOTLB_GLOBAL, 0, true, true), 0);
                    }
                }
                default -> descriptor(Inv.pasidCache0(Inv.G_PASID_CACHE_PASID, did, pasid), 0);
            }
        }

        private void poll() {
            int reached = bed.waited();
            while (!waits.isEmpty() && waits.getFirst()[0] <= reached) {
                book.completed(waits.remove()[1]);
            }
        }

        private void issue(DmaRequest request) {
            if (stopped) {
                return;
            }
            long now = bed.sim.now();
            long iova = gen.below((long) PAGES) << 12 | gen.below(512L) * 8;
            Space s = gen.pick(spaces);
            request.begin(issued++, s.sid(), s.pasid(), iova, 8, gen.oneIn(2), now);
            request.issued(now);
            request.enter(Station.FRONT_END, now);
            bed.device.accept(request, this);
        }

        @Override
        public void completed(DmaRequest request) {
            assertThat(request.outcome().completed())
                    .as("%s %x", request.outcome(), request.faultCode())
                    .isTrue();
            request.enter(Station.DATA, bed.sim.now());
            int slot = 0;
            while (requests[slot] != request) {
                slot++;
            }
            // Some accesses take longer than a wait descriptor that need not wait for them.
            long ps = gen.below(gen.oneIn(3) ? 3_000_000L : 200_000L);
            bed.sim.scheduler().after(lanes[slot], ps, this, 0, slot);
        }

        @Override
        public void onEvent(int op, long slot) {
            DmaRequest request = requests[(int) slot];
            Space space = spaces.stream()
                    .filter(s -> s.sid() == request.requesterId() && s.pasid() == request.pasid())
                    .findFirst()
                    .orElseThrow();
            long pa = request.physicalAddress() & -1L << 12;
            assertThat(book.allows(space, request.iova() & -1L << 12, pa))
                    .as("%s, %x to %x at %d", space, request.iova(), pa, bed.sim.now())
                    .isTrue();
            bed.device.carriedOut(request);
            request.answered(bed.sim.now());
            issue(request);
        }

        private void runFor(long ps) {
            long until = bed.sim.now() + ps;
            while (bed.sim.now() < until && bed.sim.scheduler().step()) {
                poll();
            }
        }

        void go() {
            for (DmaRequest request : requests) {
                issue(request);
            }
            for (int round = 0; round < ROUNDS; round++) {
                for (int n = gen.below(3); n > 0; n--) {
                    move(gen.below(spaces.size()), gen.below(PAGES));
                }
                runFor(gen.below(200_000L));
                for (int n = gen.below(4); n > 0; n--) {
                    randomDescriptor();
                }
                waits.add(new long[] {bed.putWait(), book.descriptors()});
                bed.ring();
                runFor(gen.below(gen.oneIn(3) ? 4_000_000L : 100_000L));
                // The queue is small: not too many waits at a time.
                while (waits.size() > (gen.oneIn(2) ? 0 : 2)) {
                    assertThat(bed.sim.scheduler().step()).isTrue();
                    poll();
                }
            }
            stopped = true;
            bed.run();
            poll();
            assertThat(waits).isEmpty();
            assertThat(bed.read(Reg.FSTS)).isZero();
            assertThat(bed.sim.violations().violations()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"legacy", "caching-mode", "scalable"})
    void shouldEndInNoPlaceThatMaintenanceHasEnded(String preset) {
        long stale = 0;
        for (long seed = 0; seed < 12; seed++) {
            Run run = new Run(preset, seed);
            run.go();
            assertThat(run.issued).as("requests of seed %d", seed).isGreaterThan(500);
            stale += run.book.stale;
        }
        assertThat(stale)
                .as("a cache that forgets everything would be too easy")
                .isGreaterThan(1000);
    }

    /** What the book is good for: a unit that makes one of these mistakes does not get through. */
    @ParameterizedTest
    @ValueSource(strings = {"forgetsFlights", "waitDoesNotDrain", "missesNested"})
    void shouldFindMistakes(String mistake) {
        boolean found = false;
        for (long seed = 0; seed < 12 && !found; seed++) {
            Run run = new Run("scalable", seed);
            switch (mistake) {
                case "forgetsFlights" -> run.bed.device.mistakes().forgetsFlights = true;
                case "waitDoesNotDrain" -> run.bed.device.mistakes().waitDoesNotDrain = true;
                default -> run.bed.device.mistakes().missesNested = true;
            }
            try {
                run.go();
            } catch (AssertionError e) {
                found = e.getMessage().contains("Space[");
            }
        }
        assertThat(found).isTrue();
    }
}
