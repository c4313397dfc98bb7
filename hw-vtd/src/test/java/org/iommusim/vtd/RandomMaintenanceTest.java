package org.iommusim.vtd;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.iommusim.hw.contract.RandomMaintenance;
import org.iommusim.sim.testkit.Gen;
import org.iommusim.vtd.VtdBook.Place;
import org.iommusim.vtd.VtdBook.Space;
import org.iommusim.vtd.spec.ContextEntry;
import org.iommusim.vtd.spec.Inv;
import org.iommusim.vtd.spec.PasidEntry;
import org.iommusim.vtd.spec.Reg;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Random maintenance of VT-d; some descriptors do not drain. */
class RandomMaintenanceTest {
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

    private static final class Run extends RandomMaintenance<Space, Place> {
        private final VtdTestbed bed;
        private final boolean scalable;
        private final long[] roots;
        private final NestedTables[] nested;
        private final long[][] guests;

        private Run(Gen gen, VtdTestbed bed, boolean scalable) {
            super(gen, bed, scalable ? SCALABLE : LEGACY, new VtdBook());
            this.bed = bed;
            this.scalable = scalable;
            roots = new long[spaces.size()];
            nested = new NestedTables[spaces.size()];
            guests = new long[spaces.size()][PAGES];
            if (scalable) {
                bed.scalable();
            } else {
                bed.legacy();
            }
            for (int i = 0; i < spaces.size(); i++) {
                make(i, spaces.get(i));
            }
            start();
        }

        static Run of(String preset, long seed) {
            Gen gen = new Gen(seed);
            return new Run(gen, VtdTestbed.of(preset, shape(gen)), preset.equals("scalable"));
        }

        private static Map<String, Long> shape(Gen gen) {
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
            return shape;
        }

        private void make(int i, Space s) {
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
        }

        @Override
        protected int requesterId(Space space) {
            return space.sid();
        }

        @Override
        protected int pasid(Space space) {
            return space.pasid();
        }

        @Override
        protected Place move(int i, int page, long iova, long pa) {
            Space s = spaces.get(i);
            if (!s.first()) {
                bed.mapSecond(roots[i], 4, iova, pa);
            } else if (!s.second()) {
                bed.mapFirst(roots[i], 4, iova, pa);
            } else if (guests[i][page] == 0 || gen.oneIn(2)) {
                guests[i][page] = GUEST + pa - DATA;
                nested[i].map(iova, guests[i][page], pa);
            } else {
                bed.mapSecond(nested[i].second, 4, guests[i][page], pa);
            }
            return new Place(s, iova, pa);
        }

        @Override
        protected void randomCommand() {
            Space s = gen.pick(spaces);
            int i = spaces.indexOf(s);
            int page = gen.below(PAGES);
            int did = gen.oneIn(8) ? 9 : s.did();
            int pasid = gen.oneIn(8) ? 99 : s.tablesOf();
            boolean drains = !gen.oneIn(6);
            boolean guest = s.first() && s.second() && gen.oneIn(2);
            long pages = Inv.pages1(guest ? guests[i][page] : (long) page << 12, gen.below(3), gen.oneIn(2));
            switch (gen.below(s.first() ? 8 : 5)) {
                case 0, 1, 2 -> told(Inv.iotlb0(Inv.G_IOTLB_PAGE, did, drains, drains), pages);
                case 3 -> told(Inv.iotlb0(Inv.G_IOTLB_DOMAIN, did, drains, drains), 0);
                case 4 -> configuration(s, did, pasid);
                case 5, 6 ->
                    told(
                            Inv.pasidIotlb0(Inv.G_PASID_PAGE, did, pasid),
                            Inv.pages1((long) page << 12, gen.below(3), gen.oneIn(2)));
                default -> told(Inv.pasidIotlb0(Inv.G_PASID_ALL, did, pasid), 0);
            }
        }

        /** None of these says anything about translations; only now and then everything goes. */
        private void configuration(Space s, int did, int pasid) {
            switch (gen.below(scalable ? 4 : 3)) {
                case 0 -> told(Inv.context0(Inv.G_CONTEXT_DEVICE, did, s.sid(), 0), 0);
                case 1 -> told(Inv.context0(Inv.G_CONTEXT_GLOBAL, 0, 0, 0), 0);
                case 2 -> {
                    if (gen.oneIn(4)) {
                        told(Inv.iotlb0(Inv.G_IOTLB_GLOBAL, 0, true, true), 0);
                    }
                }
                default -> told(Inv.pasidCache0(Inv.G_PASID_CACHE_PASID, did, pasid), 0);
            }
        }

        @Override
        protected void put(long w0, long w1) {
            bed.put(w0, w1);
        }

        @Override
        protected long putWait() {
            int wait = bed.putWait();
            bed.ring();
            return wait;
        }

        @Override
        protected long waited() {
            return bed.waited();
        }

        @Override
        protected boolean hasErrors() {
            return bed.read(Reg.FSTS) != 0;
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"legacy", "caching-mode", "scalable"})
    void shouldEndInNoPlaceThatMaintenanceHasEnded(String preset) {
        RandomMaintenance.allGetThrough(seed -> Run.of(preset, seed));
    }

    @ParameterizedTest
    @ValueSource(strings = {"forgetsFlights", "waitDoesNotDrain", "missesNested"})
    void shouldFindMistakes(String mistake) {
        RandomMaintenance.oneEndsInAWrongPlace(seed -> {
            Run run = Run.of("scalable", seed);
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
