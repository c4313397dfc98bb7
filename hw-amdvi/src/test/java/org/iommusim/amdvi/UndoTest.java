package org.iommusim.amdvi;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.iommusim.amdvi.spec.Cmd;
import org.iommusim.amdvi.spec.Dte;
import org.iommusim.hw.dma.DmaOutcome;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.hw.iommu.AnyOrder;
import org.iommusim.sim.Simulation;
import org.iommusim.sim.testkit.Gen;
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

    /** Which tables there are. */
    private enum Tables {
        HOST,
        GUEST,
        BOTH
    }

    /** A unit with requests under way, and commands that end what they use. */
    private static final class Machine {
        private final AmdViTestbed bed;
        private final AnyOrder order;
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
            order = new AnyOrder(bed.sim, bed, AmdViDevice.class);
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

        private void go(Gen gen) {
            order.go(gen);
            for (DmaRequest request : requests) {
                assertThat(request.outcome()).isEqualTo(DmaOutcome.OK);
                assertThat(request.physicalAddress() & -1L << 12).isIn(OLD, NEW);
            }
            assertThat(bed.done).hasSize(requests.size());
            assertThat(bed.waited()).isEqualTo(bed.lastWait());
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
