package org.iommusim.amdvi;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.iommusim.amdvi.AmdViBook.Place;
import org.iommusim.amdvi.AmdViBook.Space;
import org.iommusim.amdvi.spec.Cmd;
import org.iommusim.amdvi.spec.Dte;
import org.iommusim.hw.contract.RandomMaintenance;
import org.iommusim.sim.testkit.Gen;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Random maintenance of AMD-Vi. */
class RandomMaintenanceTest {
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

    private static final class Run extends RandomMaintenance<Space, Place> {
        private final AmdViTestbed bed;
        /** Of the host's tables, or of the guest's if there are no others, by space. */
        private final long[] roots;
        /** Both tables, by function; functions have numbers divided by 8. */
        private final NestedTables[] nested = new NestedTables[8];

        private final long[][] guests;

        private Run(Gen gen, AmdViTestbed bed, List<Space> spaces) {
            super(gen, bed, spaces, new AmdViBook());
            this.bed = bed;
            roots = new long[spaces.size()];
            guests = new long[spaces.size()][PAGES];
            for (int i = 0; i < spaces.size(); i++) {
                make(i, spaces.get(i));
            }
            start();
        }

        static Run of(String preset, long seed) {
            Gen gen = new Gen(seed);
            AmdViTestbed bed = AmdViTestbed.of(preset, shape(gen)).enable();
            return new Run(gen, bed, preset.equals("guest-tables") ? GUESTS : HOST);
        }

        private static Map<String, Long> shape(Gen gen) {
            Map<String, Long> shape = new TreeMap<>();
            shape.put("walk_slots", gen.between(1, 8));
            shape.put("iotlb_cycles", gen.oneIn(2) ? 3 : gen.between(3, 40));
            shape.put("gcr3_cycles", gen.between(0, 20));
            if (gen.oneIn(2)) {
                shape.put("iotlb_entries", 8L);
                shape.put("iotlb_ways", 4L);
            }
            shape.put("prefetch_walks", gen.between(0, 3));
            if (gen.oneIn(3)) {
                shape.put("iotlb_ports", 4L);
                shape.put("merge_misses", 0L);
            }
            return shape;
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
        }

        @Override
        protected int requesterId(Space space) {
            return space.id();
        }

        @Override
        protected int pasid(Space space) {
            return space.pasid();
        }

        @Override
        protected Place move(int i, int page, long iova, long pa) {
            Space s = spaces.get(i);
            boolean both = s.guest() && s.host();
            if (!s.guest()) {
                bed.mapHost(roots[i], 4, iova, pa);
            } else if (!both) {
                bed.mapGuest(roots[i], 4, iova, pa);
            } else if (guests[i][page] == 0 || gen.oneIn(2)) {
                guests[i][page] = GUEST + pa - DATA;
                nested[s.id() / 8].map(s.pasid(), iova, guests[i][page], pa);
            } else {
                bed.mapHost(nested[s.id() / 8].host, 4, guests[i][page], pa);
            }
            return new Place(s, iova, both ? guests[i][page] : iova, pa);
        }

        @Override
        protected void randomCommand() {
            Space s = gen.pick(spaces);
            int i = spaces.indexOf(s);
            int page = gen.below(PAGES);
            int did = gen.oneIn(8) ? 9 : s.did();
            int pasid = gen.oneIn(8) ? 99 : s.tablesOf();
            long directories = gen.oneIn(2) ? Cmd.PDE.mask() : 0;
            long at = s.guest() && s.host() && gen.oneIn(2) ? guests[i][page] : (long) page << 12;
            long range = gen.oneIn(4) ? Cmd.allPages1() : Cmd.pages1(at, 12 + gen.below(3));
            if (gen.oneIn(4)) {
                prefetch(s, page);
            }
            switch (gen.below(s.guest() ? 8 : 5)) {
                case 0, 1, 2 -> told(Cmd.invalidateIommuPages0(did, 0), range | directories);
                case 3 -> told(Cmd.invalidateDevtabEntry0(s.id()), 0);
                case 4 -> everything();
                default -> told(Cmd.invalidateIommuPages0(did, pasid), range | directories | Cmd.GN.mask());
            }
        }

        /** Some pages from one on, whether they are there or not. */
        private void prefetch(Space s, int page) {
            long inval = gen.oneIn(3) ? Cmd.PREFETCH_INVAL.mask() : 0;
            long guest = s.pasid() < 0 ? 0 : Cmd.GN.mask();
            long w0 = Cmd.prefetchIommuPages0(s.id(), Math.max(0, s.pasid()), (int) gen.between(1, 4));
            put(w0, Cmd.pages1((long) page << 12, 12) | inval | guest);
        }

        /** Only now and then. */
        private void everything() {
            if (gen.oneIn(4)) {
                told(Cmd.invalidateIommuAll0(), 0);
            }
        }

        @Override
        protected void put(long w0, long w1) {
            bed.put(w0, w1);
        }

        @Override
        protected long putWait() {
            bed.putWait();
            bed.ring();
            return bed.lastWait();
        }

        @Override
        protected long waited() {
            return bed.waited();
        }

        @Override
        protected boolean hasErrors() {
            return bed.events() != 0;
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"host-tables", "np-cache", "guest-tables"})
    void shouldEndInNoPlaceThatMaintenanceHasEnded(String preset) {
        RandomMaintenance.allGetThrough(seed -> Run.of(preset, seed));
    }

    @ParameterizedTest
    @ValueSource(strings = {"forgetsFlights", "waitDoesNotDrain", "missesNested"})
    void shouldFindMistakes(String mistake) {
        RandomMaintenance.oneEndsInAWrongPlace(seed -> {
            Run run = Run.of("guest-tables", seed);
            Mistakes mistakes = run.bed.device.mistakes();
            switch (mistake) {
                case "forgetsFlights" -> mistakes.forgetsFlights = true;
                case "waitDoesNotDrain" -> mistakes.waitDoesNotDrain = true;
                default -> mistakes.missesNested = true;
            }
            return run;
        });
    }
}
