package org.iommusim.hw.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.iommusim.hw.dma.DmaOutcome;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.hw.dma.Station;
import org.iommusim.hw.iommu.AnyOrder;
import org.iommusim.sim.testkit.Gen;
import org.junit.jupiter.api.Test;

/**
 * What happens again is the same: a run from its beginning, and an exploration's way from any mark. In any order in which
 * requests, walks and invalidations can take their turns every access is carried out, and none where an invalidation that is
 * complete has ended it (the checkers watch).
 */
public abstract class RepeatContract extends Contract {
    private static final int WAYS = 40;
    private static final int PASID = 3;
    /** What interrupt messages are remapped to, before and after. */
    private static final List<Integer> VECTORS = List.of(0x31, 0x32);

    protected RepeatContract(Vendor vendor) {
        super(vendor);
    }

    // ---- the same run again

    @Test
    void shouldDoTheSameAgain() {
        List<String> first = story(vendor.bed());
        assertThat(first).hasSizeGreaterThan(100);
        assertThat(story(vendor.bed())).isEqualTo(first);
    }

    /** What becomes of random requests among random changes, tick by tick. */
    private static List<String> story(VendorBed bed) {
        Gen gen = new Gen(7);
        Space space = bed.space(1);
        bed.attach(FUNCTION, space);
        bed.attach(OTHER, space);
        bed.enable();
        List<DmaRequest> requests = new ArrayList<>();
        for (int i = 0; i < 120; i++) {
            long iova = IOVA + gen.below(6) * PAGE;
            requests.add(bed.machine()
                    .issue(bed.machine().request(gen.oneIn(2) ? FUNCTION : OTHER, NONE, iova, gen.oneIn(2))));
            if (gen.oneIn(3)) {
                space.map(iova, (gen.oneIn(2) ? OLD : NEW) + i * PAGE, Space.SMALL, gen.oneIn(2));
                bed.invalidatePages(space, iova, gen.below(2));
                bed.sync();
            }
            bed.machine().pass(gen.below(400_000L));
        }
        bed.machine().run();
        List<String> story = new ArrayList<>();
        for (DmaRequest request : bed.machine().done) {
            StringBuilder line = new StringBuilder(request.id() + " " + request.outcome() + " "
                    + Long.toHexString(request.physicalAddress()) + " " + request.answeredAt());
            for (Station station : Station.values()) {
                line.append(' ').append(request.ticks(station));
            }
            story.add(line.toString());
        }
        story.add(bed.faults().take().toString());
        story.add(bed.machine().interrupts.toString());
        return story;
    }

    // ---- there and back

    @Test
    void shouldTakeEveryStepBackAndEndWellInAnyOrder() {
        for (long seed = 0; seed < WAYS; seed++) {
            new Explored(vendor.exploring()).go(new Gen(seed));
        }
    }

    /** A machine with requests under way, and invalidations that end what they use. */
    private static final class Explored {
        private final VendorBed bed;
        private final AnyOrder order;
        private final List<DmaRequest> requests = new ArrayList<>();
        private final List<DmaRequest> messages = new ArrayList<>();

        Explored(VendorBed made) {
            bed = made;
            Space space = bed.space(1);
            bed.attach(FUNCTION, space);
            bed.attach(OTHER, space);
            int withPasid = bed.differs(Difference.NO_PASIDS) ? NONE : PASID;
            if (withPasid == PASID) {
                bed.attach(FUNCTION, PASID, space);
                bed.attach(OTHER, PASID, space);
            }
            bed.enable();
            space.map(IOVA, OLD);
            bed.messages().ifPresent(known -> remap(known, VECTORS.get(0)));
            // The first request makes places at the ports; what is made on the way cannot be taken back.
            bed.machine().dmaRead(FUNCTION, IOVA + PAGE);
            bed.faults().take();
            bed.machine().done.clear();
            for (int i = 0; i < 6; i++) {
                int function = i % 2 == 0 ? FUNCTION : OTHER;
                int pasid = i < 3 ? NONE : withPasid;
                requests.add(bed.machine().issue(bed.machine().request(function, pasid, IOVA + 8L * i, i % 3 == 0)));
            }
            bed.messages().ifPresent(this::sendMessages);
            space.map(IOVA, NEW);
            bed.invalidatePages(space, IOVA, 0);
            bed.invalidateFunction(FUNCTION, space);
            bed.sync();
            order = new AnyOrder(
                    bed.machine().sim, bed.machine(), bed.machine().device.getClass());
        }

        private static void remap(Messages known, int vector) {
            known.remap(FUNCTION, vector);
            known.remap(OTHER, vector);
        }

        private void sendMessages(Messages known) {
            messages.add(bed.machine().issue(bed.machine().message(FUNCTION, known.address(FUNCTION))));
            messages.add(bed.machine().issue(bed.machine().message(OTHER, known.address(OTHER))));
            remap(known, VECTORS.get(1));
            known.forget(FUNCTION);
            known.forget(OTHER);
        }

        void go(Gen gen) {
            order.go(gen);
            for (DmaRequest request : requests) {
                assertThat(request.outcome()).isEqualTo(DmaOutcome.OK);
                assertThat(request.physicalAddress() & -PAGE).isIn(OLD, NEW);
            }
            for (DmaRequest message : messages) {
                assertThat(message.outcome()).isEqualTo(DmaOutcome.INTERRUPT);
                assertThat((int) message.data())
                        .isIn(VECTORS.stream()
                                .map(vector -> bed.messages().orElseThrow().data(vector))
                                .toList());
            }
            if (!messages.isEmpty()) {
                // Each function's message is behind its one write.
                assertThat(bed.machine().done).containsSubsequence(requests.get(0), messages.get(0));
                assertThat(bed.machine().done).containsSubsequence(requests.get(3), messages.get(1));
            }
            assertThat(bed.machine().done).hasSize(requests.size() + messages.size());
            assertThat(bed.synced()).isTrue();
        }
    }
}
