package org.iommusim.smmuv3;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.TreeMap;
import org.iommusim.hw.dma.DmaCompletion;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.hw.dma.Station;
import org.iommusim.sim.event.EventHandler;
import org.iommusim.sim.testkit.Gen;
import org.iommusim.sim.testkit.Rule;
import org.iommusim.smmuv3.spec.Cmd;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What a driver relies on when it gives a page back: once the CMD_SYNC behind an invalidation is consumed, no access that
 * used the old translation is carried out any more, however many were in flight. Devices keep hammering eight pages while
 * software moves them from one place to another.
 */
class SyncGuaranteeTest {
    private static final int PAGES = 8;
    private static final int IN_FLIGHT = 24;
    private static final int MOVES = 25;
    private static final int VMID = 9;
    private static final int ASID = 5;
    private static final long GUEST = 0x1000_0000;
    private static final long TABLES = Smmuv3Testbed.FREE + 0x10_0000;
    private static final long DATA = 0x2000_0000;

    /** One run: traffic on one side, a driver that moves pages on the other. */
    private static final class Run implements DmaCompletion, EventHandler {
        final Smmuv3Testbed bed;
        final Gen gen;
        final boolean nested;
        final Vmsav8Tables stage1;
        final Vmsav8Tables stage2;
        final long[] where = new long[PAGES];
        final long[] ipas = new long[PAGES];
        long nextIpa;
        boolean movesStage1;
        final DmaRequest[] requests = new DmaRequest[IN_FLIGHT];
        boolean stopped;
        long checked;
        long digest;

        Run(String preset, long seed) {
            this(preset, seed, true);
        }

        Run(String preset, long seed, boolean checks) {
            gen = new Gen(seed);
            nested = gen.oneIn(2);
            // Long ways back and slow second stages give an invalidation the chance to come in between.
            Map<String, Long> shape = new TreeMap<>();
            shape.put("tbus", gen.between(1, 2));
            shape.put("walk_slots", gen.between(1, 16));
            shape.put("link_down_cycles", gen.oneIn(2) ? 8 : gen.between(8, 300));
            if (gen.oneIn(2)) {
                for (int level = 0; level < 4; level++) {
                    shape.put("walk_s2_l" + level, 0L);
                }
            }
            // Small caches keep the tables being read.
            if (gen.oneIn(2)) {
                shape.put("utlb_entries", 1L);
                shape.put("tlb_entries", 4L);
                shape.put("tlb_ways", 4L);
                shape.put("walk_cache_ways", 4L);
                shape.put("walk_s1_l3", 4L);
            }
            // Whatever else keeps translations, or makes some of its own accord.
            for (String more : new String[] {"prefetch", "tcu_tlb", "ipa_cache", "walk_cache_combined_leaves"}) {
                shape.put(more, gen.oneIn(2) ? 1L : 0L);
            }
            bed = checks ? Smmuv3Testbed.of(preset, shape) : Smmuv3Testbed.unchecked(preset, shape);
            bed.enable();
            stage2 = new Vmsav8Tables(bed.memory, TABLES, 0);
            for (long ipa = 0; ipa < 0x2_0000; ipa += 0x1000) {
                stage2.map(ipa, GUEST + ipa, Vmsav8Tables.S2_PAGE);
            }
            stage1 = nested
                    ? new Vmsav8Tables(bed.memory, 0x1_0000, GUEST)
                    : new Vmsav8Tables(bed.memory, GUEST + 0x1_0000, 0);
            bed.words(GUEST, Smmuv3Testbed.cd(stage1.root(), ASID));
            for (int page = 0; page < PAGES; page++) {
                move(page, DATA + page * 0x10_0000L);
            }
            for (int sid = 3; sid < 20; sid += 8) {
                bed.ste(
                        sid,
                        nested
                                ? Smmuv3Testbed.nestedSte(0, stage2.root(), VMID)
                                : Smmuv3Testbed.stage1Ste(GUEST, VMID));
            }
            for (int i = 0; i < IN_FLIGHT; i++) {
                requests[i] = new DmaRequest();
            }
        }

        /** Moves a page in stage 1 alone; or, nested, by a new IPA in stage 1, or behind the same IPA in stage 2. */
        private void move(int page, long to) {
            where[page] = to;
            long iova = (long) page << 12;
            if (!nested) {
                stage1.map(iova, to, Vmsav8Tables.S1_PAGE);
                return;
            }
            movesStage1 = ipas[page] == 0 || gen.oneIn(2);
            if (movesStage1) {
                ipas[page] = 0x4000_0000L + (nextIpa++ << 12);
            }
            stage2.map(ipas[page], to, Vmsav8Tables.S2_PAGE);
            stage1.map(iova, ipas[page], Vmsav8Tables.S1_PAGE);
        }

        void issue(DmaRequest request) {
            if (stopped) {
                return;
            }
            long now = bed.sim.now();
            long iova = gen.below((long) PAGES) << 12 | gen.below(512L) * 8;
            request.begin(checked++, 3 + 8 * gen.below(3), DmaRequest.NO_PASID, iova, 8, gen.oneIn(2), now);
            request.issued(now);
            request.enter(Station.FRONT_END, now);
            bed.device.accept(request, this);
        }

        @Override
        public void completed(DmaRequest request) {
            assertThat(request.outcome().completed()).isTrue();
            request.enter(Station.DATA, bed.sim.now());
            int slot = 0;
            while (requests[slot] != request) {
                slot++;
            }
            bed.port.access(request.physicalAddress(), 8, this, 0, slot);
        }

        @Override
        public void onEvent(int op, long slot) {
            DmaRequest request = requests[(int) slot];
            int page = (int) (request.iova() >>> 12);
            long at = request.physicalAddress() - (request.iova() & 0xfff);
            if (moving != page) {
                assertThat(at).as("page %d at %d ps", page, bed.sim.now()).isEqualTo(where[page]);
            } else {
                assertThat(at).isIn(where[page], movingFrom);
            }
            bed.device.carriedOut(request);
            request.answered(bed.sim.now());
            assertThat(request.totalTicks()).isEqualTo(request.latency());
            digest = digest * 31 + request.latency() + at;
            issue(request);
        }

        int moving = -1;
        long movingFrom;

        void go() {
            for (DmaRequest request : requests) {
                issue(request);
            }
            for (int i = 0; i < MOVES; i++) {
                bed.sim.scheduler().runUntil(bed.sim.now() + gen.below(2_000_000L));
                moving = gen.below(PAGES);
                movingFrom = where[moving];
                move(moving, DATA + moving * 0x10_0000L + (i + 1) * 0x1000L);
                bed.sim.scheduler().runUntil(bed.sim.now() + gen.below(gen.oneIn(2) ? 30_000L : 300_000L));
                invalidate((long) moving << 12);
                while (!bed.consumed()) {
                    assertThat(bed.sim.scheduler().step()).isTrue();
                }
                // From here on the driver reuses the old page.
                moving = -1;
            }
            stopped = true;
            bed.sim.scheduler().run();
            assertThat(bed.sim.violations().violations()).isEmpty();
        }

        private void invalidate(long iova) {
            if (nested && !movesStage1) {
                bed.put(Cmd.tlbi0(Cmd.TLBI_S2_IPA, VMID, 0), Cmd.tlbi1(ipas[moving], true));
                bed.put(Cmd.tlbi0(Cmd.TLBI_NH_ALL, VMID, 0), 0);
            } else {
                bed.put(Cmd.tlbi0(Cmd.TLBI_NH_VA, VMID, ASID), Cmd.tlbi1(iova, true));
            }
            bed.put(Cmd.sync0(Cmd.CS_NONE), 0);
            bed.ring();
        }
    }

    @Rule("SMMU-CMD-07")
    @ParameterizedTest
    @ValueSource(strings = {"mmu-600", "mmu-700", "gem5-default"})
    void shouldLetNobodyUseAnOldTranslationAfterSync(String preset) {
        for (long seed = 0; seed < 16; seed++) {
            Run run = new Run(preset, seed);
            run.go();
            assertThat(run.checked).as("requests of seed %d", seed).isGreaterThan(500);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"mmu-600", "gem5-default"})
    void shouldDoTheSameAgain(String preset) {
        Run once = new Run(preset, 1);
        Run again = new Run(preset, 1);
        once.go();
        again.go();
        assertThat(again.digest).isEqualTo(once.digest);
    }

    @ParameterizedTest
    @ValueSource(strings = {"mmu-600", "gem5-default"})
    void shouldDoTheSameWithoutChecks(String preset) {
        for (long seed = 0; seed < 4; seed++) {
            Run with = new Run(preset, seed);
            Run without = new Run(preset, seed, false);
            with.go();
            without.go();
            assertThat(without.digest).isEqualTo(with.digest);
        }
    }
}
