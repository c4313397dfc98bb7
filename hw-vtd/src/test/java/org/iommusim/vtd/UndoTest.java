package org.iommusim.vtd;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.iommusim.hw.dma.DmaOutcome;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.hw.iommu.AnyOrder;
import org.iommusim.sim.testkit.Gen;
import org.iommusim.vtd.spec.ContextEntry;
import org.iommusim.vtd.spec.Inv;
import org.iommusim.vtd.spec.Irte;
import org.iommusim.vtd.spec.PasidEntry;
import org.iommusim.vtd.spec.Reg;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * In any order in which requests, walks, invalidations and waits can take their turns, every step can be taken back and done
 * again, and every order ends well: each access is carried out, and none where an invalidation has ended it.
 */
class UndoTest {
    private static final int DID = 7;
    private static final int PASID = 3;
    private static final long OLD = 0x2000_0000L;
    private static final long NEW = 0x2800_0000L;

    /** A unit with requests under way, and descriptors that end what they use. */
    private static final class Machine {
        private final VtdTestbed bed;
        private final AnyOrder order;
        private final List<DmaRequest> requests = new ArrayList<>();
        private final List<DmaRequest> messages = new ArrayList<>();

        Machine(String preset) {
            bed = VtdTestbed.exploring(preset);
            long root = bed.page();
            int pasid = DmaRequest.NO_PASID;
            if (preset.equals("scalable")) {
                pasid = PASID;
                bed.scalable();
                bed.mapFirst(root, 4, 0x5000, OLD);
                bed.pasid(PASID, PasidEntry.firstStage(root, 4, DID));
                bed.scalableContext(0x28, VtdTestbed.function());
                bed.scalableContext(0x30, VtdTestbed.function());
            } else {
                bed.legacy();
                bed.mapSecond(root, 3, 0x5000, OLD);
                bed.context(0x28, ContextEntry.present(ContextEntry.TT_UNTRANSLATED, root, 3, DID));
                bed.context(0x30, ContextEntry.present(ContextEntry.TT_UNTRANSLATED, root, 3, DID));
            }
            long interrupts = bed.page();
            bed.write64(Reg.IRTA, interrupts);
            bed.command(Reg.SIRTP);
            bed.command(Reg.IRE);
            bed.words(interrupts, Irte.remapped(0x31, 1 << 8, 0));
            // The first request makes places at the ports; what is made on the way cannot be taken back.
            bed.dmaRead(0x1028, 0x5000);
            bed.takeReason();
            bed.done.clear();
            for (int i = 0; i < 6; i++) {
                requests.add(bed.issue(bed.request(i % 2 == 0 ? 0x28 : 0x30, pasid, 0x5000 + 8L * i, i % 3 == 0)));
            }
            messages.add(bed.issue(bed.message(0x28, Irte.messageAddress(0, false))));
            messages.add(bed.issue(bed.message(0x30, Irte.messageAddress(0, false))));
            bed.words(interrupts, Irte.remapped(0x32, 1 << 8, 0));
            bed.put(Inv.iecGlobal0(), 0);
            if (preset.equals("scalable")) {
                bed.mapFirst(root, 4, 0x5000, NEW);
                bed.put(Inv.pasidIotlb0(Inv.G_PASID_PAGE, DID, PASID), Inv.pages1(0x5000, 0, true));
            } else {
                bed.mapSecond(root, 3, 0x5000, NEW);
                bed.put(Inv.iotlb0(Inv.G_IOTLB_PAGE, DID, true, true), Inv.pages1(0x5000, 0, true));
            }
            bed.put(Inv.context0(Inv.G_CONTEXT_GLOBAL, 0, 0, 0), 0);
            bed.putWait();
            bed.ring();
            order = new AnyOrder(bed.sim, bed, VtdDevice.class);
        }

        private void go(Gen gen) {
            order.go(gen);
            for (DmaRequest request : requests) {
                assertThat(request.outcome()).isEqualTo(DmaOutcome.OK);
                assertThat(request.physicalAddress() & -1L << 12).isIn(OLD, NEW);
            }
            for (DmaRequest message : messages) {
                assertThat(message.outcome()).isEqualTo(DmaOutcome.INTERRUPT);
                assertThat(message.data()).isIn(0x4031L, 0x4032L);
            }
            // Each function's message is behind its one write.
            assertThat(bed.done).containsSubsequence(requests.get(0), messages.get(0));
            assertThat(bed.done).containsSubsequence(requests.get(3), messages.get(1));
            assertThat(bed.done).hasSize(requests.size() + messages.size());
            assertThat(bed.waited()).isEqualTo(bed.lastWait());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"legacy", "caching-mode", "scalable"})
    void shouldTakeEveryStepBackAndEndWellInAnyOrder(String preset) {
        for (long seed = 0; seed < 40; seed++) {
            new Machine(preset).go(new Gen(seed));
        }
    }
}
