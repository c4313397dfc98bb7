package org.iommusim.amdvi;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.iommusim.amdvi.MaintenanceBook.Space;
import org.iommusim.amdvi.spec.Cmd;
import org.iommusim.amdvi.spec.Dte;
import org.iommusim.hw.dma.DmaCompletion;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.hw.dma.Station;
import org.iommusim.sim.event.EventHandler;
import org.iommusim.sim.event.Lane;
import org.iommusim.sim.event.Phase;
import org.iommusim.sim.testkit.Gen;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random changes of tables, random commands of every kind (also of other domains, PASIDs and addresses), and traffic of functions
 * and PASIDs of every kind, all at once. Whenever an access is carried out, the {@link MaintenanceBook} must allow where it ends.
 */
class RandomMaintenanceTest {
    private static final int PAGES = 6;
    private static final int IN_FLIGHT = 24;
    private static final int ROUNDS = 200;
    private static final long DATA = 0x2000_0000;
    private static final long GUEST = 0x4000_0000;

    private static final List<Space> HOST = List.of(
            new Space(0x08, -1, 1, false, true),
            new Space(0x10, -1, 2, false, true),
            new Space(0x18, -1, 3, false, true));

    private static final List<Space> GUESTS = List.of(
            new Space(0x08, -1, 1, false, true),
            new Space(0x10, 5, 2, true, false),
            new Space(0x10, 6, 2, true, false),
            new Space(0x18, 7, 3, true, true),
            new Space(0x18, 8, 3, true, true),
            new Space(0x20, 5, 4, true, true));

    private static final class Run implements DmaCompletion, EventHandler {
        final AmdViTestbed bed;
        final Gen gen;
        final List<Space> spaces;
        final MaintenanceBook book = new MaintenanceBook();
        /** Of the host's tables, or of the guest's if there are no others, by space. */
        final long[] roots;
        /** Both tables, by function; functions have numbers divided by 8. */
        final NestedTables[] nested = new NestedTables[8];

        final long[][] guests;
        final DmaRequest[] requests = new DmaRequest[IN_FLIGHT];
        final Lane[] lanes = new Lane[IN_FLIGHT];
        /** Waits in the buffer: what they write, and how many commands they stand behind. */
        final ArrayDeque<long[]> waits = new ArrayDeque<>();

        long nextPage;
        long issued;
        boolean stopped;

        Run(String preset, long seed) {
            gen = new Gen(seed);
            Map<String, Long> shape = new TreeMap<>();
            shape.put("walk_slots", gen.between(1, 8));
            shape.put("iotlb_cycles", gen.oneIn(2) ? 3 : gen.between(3, 40));
            shape.put("gcr3_cycles", gen.between(0, 20));
            if (gen.oneIn(2)) {
                shape.put("iotlb_entries", 8L);
                shape.put("iotlb_ways", 4L);
            }
            if (gen.oneIn(3)) {
                shape.put("iotlb_ports", 4L);
                shape.put("merge_misses", 0L);
            }
            bed = AmdViTestbed.of(preset, shape).enable();
            spaces = preset.equals("guest-tables") ? GUESTS : HOST;
            roots = new long[spaces.size()];
            guests = new long[spaces.size()][PAGES];
            for (int i = 0; i < spaces.size(); i++) {
                make(i, spaces.get(i));
            }
            for (int i = 0; i < requests.length; i++) {
                requests[i] = new DmaRequest();
                lanes[i] = bed.sim.scheduler().newLane("data " + i, Phase.HARDWARE);
            }
        }

        private void make(int i, Space s) {
            int function = s.id() / 8;
            if (s.guest() && s.host()) {
                if (nested[function] == null) {
                    nested[function] = new NestedTables(bed);
                    bed.entry(s.id(), nested[function].entry(s.did()));
                }
            } else {
                roots[i] = bed.page();
                long gcr3 = DATA - 0x10_0000 + 0x1000L * function;
                long[] words = s.guest() ? Dte.passThrough(s.did()) : Dte.host(roots[i], 4, s.did());
                if (s.guest()) {
                    bed.gcr3(gcr3, s.pasid(), roots[i]);
                    Dte.putGuest(words, gcr3, 1, 4);
                }
                bed.entry(s.id(), words);
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
            if (!s.guest()) {
                bed.mapHost(roots[i], 4, iova, pa);
            } else if (!s.host()) {
                bed.mapGuest(roots[i], 4, iova, pa);
            } else if (guests[i][page] == 0 || gen.oneIn(2)) {
                guests[i][page] = GUEST + (nextPage << 12);
                nested[s.id() / 8].map(s.pasid(), iova, guests[i][page], pa);
            } else {
                bed.mapHost(nested[s.id() / 8].host, 4, guests[i][page], pa);
            }
            book.moved(s, iova, s.guest() && s.host() ? guests[i][page] : iova, pa);
        }

        private void command(long w0, long w1) {
            bed.put(w0, w1);
            book.issued(w0, w1);
        }

        private void randomCommand() {
            Space s = gen.pick(spaces);
            int i = spaces.indexOf(s);
            int page = gen.below(PAGES);
            int did = gen.oneIn(8) ? 9 : s.did();
            int pasid = gen.oneIn(8) ? 99 : s.tablesOf();
            long directories = gen.oneIn(2) ? Cmd.PDE.mask() : 0;
            long at = s.guest() && s.host() && gen.oneIn(2) ? guests[i][page] : (long) page << 12;
            long range = gen.oneIn(4) ? Cmd.allPages1() : Cmd.pages1(at, 12 + gen.below(3));
            switch (gen.below(s.guest() ? 8 : 5)) {
                case 0, 1, 2 -> command(Cmd.invalidateIommuPages0(did, 0), range | directories);
                case 3 -> command(Cmd.invalidateDevtabEntry0(s.id()), 0);
                case 4 -> everything();
                default -> command(Cmd.invalidateIommuPages0(did, pasid), range | directories | Cmd.GN.mask());
            }
        }

        /** Only now and then. */
        private void everything() {
            if (gen.oneIn(4)) {
                command(Cmd.invalidateIommuAll0(), 0);
            }
        }

        private void poll() {
            long reached = bed.waited();
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
            request.begin(issued++, s.id(), s.pasid(), iova, 8, gen.oneIn(2), now);
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
            // Some accesses take longer than anything else.
            long ps = gen.below(gen.oneIn(3) ? 3_000_000L : 200_000L);
            bed.sim.scheduler().after(lanes[slot], ps, this, 0, slot);
        }

        @Override
        public void onEvent(int op, long slot) {
            DmaRequest request = requests[(int) slot];
            Space space = spaces.stream()
                    .filter(s -> s.id() == request.requesterId() && s.pasid() == request.pasid())
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
                    randomCommand();
                }
                bed.putWait();
                waits.add(new long[] {bed.lastWait(), book.commands()});
                bed.ring();
                runFor(gen.below(gen.oneIn(3) ? 4_000_000L : 100_000L));
                // The buffer is small: not too many waits at a time.
                while (waits.size() > (gen.oneIn(2) ? 0 : 2)) {
                    assertThat(bed.sim.scheduler().step()).isTrue();
                    poll();
                }
            }
            stopped = true;
            bed.run();
            poll();
            assertThat(waits).isEmpty();
            assertThat(bed.events()).isZero();
            assertThat(bed.sim.violations().violations()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"host-tables", "np-cache", "guest-tables"})
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
            Run run = new Run("guest-tables", seed);
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
