package org.iommusim.amdvi;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.iommusim.amdvi.spec.Cmd;
import org.iommusim.amdvi.spec.Dte;
import org.iommusim.hw.dma.DmaOutcome;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.sim.Simulation;
import org.iommusim.sim.explore.SimulationSubject;
import org.iommusim.sim.memory.MemoryPort;
import org.iommusim.sim.testkit.Gen;
import org.iommusim.sim.world.PlainState;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * In any order in which requests, walks, invalidations and waits can take their turns, every step can be taken back and done
 * again, and every order ends well: each access is carried out, and none where an invalidation has ended it.
 */
class UndoTest {
    private static final int DID = 7;
    private static final int PASID = 3;
    private static final long IOVA = 0x5000;
    private static final long GUEST = 0x5_0000_0000L;
    private static final long OLD = 0x2000_0000L;
    private static final long NEW = 0x2800_0000L;
    private static final List<String> HARDWARE = List.of(
            "org.iommusim.hw.", "org.iommusim.amdvi.", MemoryPort.class.getName(), "org.iommusim.sim.resource.");

    /** Which tables there are. */
    private enum Tables {
        HOST,
        GUEST,
        BOTH
    }

    /** A unit with requests under way, and commands that end what they use. */
    private static final class Machine {
        private final AmdViTestbed bed;
        private final SimulationSubject subject;
        private final List<DmaRequest> requests = new ArrayList<>();
        private final long root;

        Machine(Tables tables) {
            Simulation sim = Simulation.seeded(1).checks(true).exploring(true).build();
            bed = AmdViTestbed.in(sim, "guest-tables", Map.of()).enable();
            root = bed.page();
            NestedTables nested = new NestedTables(bed);
            long[] words = switch (tables) {
                case HOST -> Dte.host(root, 4, DID);
                case GUEST -> guest();
                case BOTH -> nested.entry(DID);
            };
            int pasid = tables == Tables.HOST ? DmaRequest.NO_PASID : PASID;
            map(tables, nested, OLD);
            bed.entry(0x28, words);
            bed.entry(0x30, words);
            // The first request makes places at the ports; what is made on the way cannot be taken back.
            bed.dmaRead(0x1028, IOVA);
            bed.done.clear();
            for (int i = 0; i < 6; i++) {
                requests.add(bed.issue(bed.request(i % 2 == 0 ? 0x28 : 0x30, pasid, IOVA + 8L * i, i % 3 == 0)));
            }
            map(tables, nested, NEW);
            long guests = tables == Tables.GUEST ? Cmd.GN.mask() : 0;
            bed.put(
                    Cmd.invalidateIommuPages0(DID, tables == Tables.GUEST ? PASID : 0),
                    Cmd.pages1(tables == Tables.BOTH ? GUEST : IOVA, 12) | guests);
            bed.put(Cmd.invalidateDevtabEntry0(0x28), 0);
            bed.putWait();
            bed.ring();
            subject = new SimulationSubject(
                    bed.sim,
                    SimulationSubject.Judge.of(List::of, violation -> false),
                    0,
                    new PlainState(List.of(bed), type -> isHardware(type.getName())));
        }

        private long[] guest() {
            long gcr3 = bed.page();
            bed.gcr3(gcr3, PASID, root);
            long[] words = Dte.passThrough(DID);
            Dte.putGuest(words, gcr3, 1, 4);
            return words;
        }

        private void map(Tables tables, NestedTables nested, long target) {
            switch (tables) {
                case HOST -> bed.mapHost(root, 4, IOVA, target);
                case GUEST -> bed.mapGuest(root, 4, IOVA, target);
                case BOTH -> nested.map(PASID, IOVA, GUEST, target);
            }
        }

        private static boolean isHardware(String name) {
            return HARDWARE.stream().anyMatch(name::startsWith) && !name.startsWith("org.iommusim.hw.provider.");
        }

        private int lane(Gen gen) {
            int[] lanes = new int[subject.lanes()];
            int count = subject.enabled(lanes);
            return count == 0 ? -1 : lanes[gen.below(count)];
        }

        private String fingerprint() {
            return Long.toHexString(subject.fingerprintHigh()) + Long.toHexString(subject.fingerprintLow());
        }

        private void step(int lane) {
            assertThat(subject.step(lane)).as("%s", subject.violations()).isTrue();
        }

        private void go(Gen gen) {
            for (int lane = lane(gen); lane >= 0; lane = lane(gen)) {
                if (gen.oneIn(4)) {
                    thereAndBack(gen);
                }
                step(lane);
            }
            for (DmaRequest request : requests) {
                assertThat(request.outcome()).isEqualTo(DmaOutcome.OK);
                assertThat(request.physicalAddress() & -1L << 12).isIn(OLD, NEW);
            }
            assertThat(bed.done).hasSize(requests.size());
            assertThat(bed.waited()).isEqualTo(bed.lastWait());
        }

        private void thereAndBack(Gen gen) {
            int mark = subject.mark();
            String here = fingerprint();
            List<Integer> way = new ArrayList<>();
            for (int lane = lane(gen); lane >= 0 && way.size() < 10; lane = lane(gen)) {
                way.add(lane);
                step(lane);
            }
            String there = fingerprint();
            subject.undoTo(mark);
            assertThat(fingerprint()).isEqualTo(here);
            way.forEach(this::step);
            assertThat(fingerprint()).isEqualTo(there);
            subject.undoTo(mark);
            assertThat(fingerprint()).isEqualTo(here);
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldTakeEveryStepBackAndEndWellInAnyOrder(Tables tables) {
        for (long seed = 0; seed < 20; seed++) {
            new Machine(tables).go(new Gen(seed));
        }
    }
}
