package org.iommusim.hw.ats;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.hw.iommu.AtsEndpoint;
import org.iommusim.hw.iommu.PageResponse;
import org.iommusim.sim.Simulation;
import org.iommusim.sim.event.Phase;
import org.junit.jupiter.api.Test;

class AtcInvalidationsTest {
    private static final int TIMEOUT = 1000;

    private final Simulation sim = Simulation.seeded(1).build();
    private final List<String> told = new ArrayList<>();
    private final AtsEndpoint function = function(0x10);

    private AtsEndpoint function(int requesterId) {
        return new AtsEndpoint() {
            @Override
            public int requesterId() {
                return requesterId;
            }

            @Override
            public int invalidateQueueDepth() {
                return 32;
            }

            @Override
            public void invalidate(int tag, int pasid, boolean global, long address, int shift) {
                told.add("invalidate " + tag + " 0x" + Long.toHexString(address) + "/" + shift);
            }

            @Override
            public void respond(int group, int pasid, PageResponse response) {
                throw new AssertionError("nobody asked");
            }
        };
    }

    private AtcInvalidations make(int tags, long timeoutPs) {
        AtcInvalidations.Client client = new AtcInvalidations.Client() {
            @Override
            public void tagFreed(int tag) {
                told.add("freed");
            }

            @Override
            public void timedOut(int tag, int requesterId) {
                told.add("timed out " + tag + " of " + requesterId);
            }

            @Override
            public void unexpected(int requesterId) {
                told.add("unexpected " + requesterId);
            }
        };
        AtcInvalidations made = new AtcInvalidations(client, sim, "iommu0", tags, timeoutPs);
        made.connect(function);
        return made;
    }

    private int send(AtcInvalidations atcs, AtsEndpoint to, int limit) {
        return atcs.send(to, limit, DmaRequest.NO_PASID, false, 0x7123, 1);
    }

    @Test
    void shouldKeepATagUntilAllCompletionsHaveCome() {
        AtcInvalidations atcs = make(2, TIMEOUT);
        assertThat(send(atcs, function, 32)).isZero();
        atcs.completed(0x10, 1, 2);
        assertThat(atcs.underWay()).isTrue();
        atcs.completed(0x10, 1, 2);
        assertThat(atcs.underWay()).isFalse();
        sim.scheduler().run();
        assertThat(told).containsExactly("invalidate 0 0x6000/13", "freed");
    }

    @Test
    void shouldRefuseWithoutATagAndAboveTheLimit() {
        AtcInvalidations atcs = make(3, TIMEOUT);
        assertThat(send(atcs, function, 1)).isZero();
        assertThat(send(atcs, function, 1)).isEqualTo(AtcInvalidations.NO_TAG);
        assertThat(send(atcs, function(0x11), 1)).isEqualTo(1);
        assertThat(send(atcs, function, 2)).isEqualTo(2);
        assertThat(send(atcs, function, 3)).isEqualTo(AtcInvalidations.NO_TAG);
    }

    @Test
    void shouldSayWhichTagsAreUnderWay() {
        AtcInvalidations atcs = make(3, TIMEOUT);
        send(atcs, function, 32);
        send(atcs, function, 32);
        assertThat(atcs.tagsUnderWay()).isEqualTo(0b11);
        atcs.completed(0x10, 1, 1);
        assertThat(atcs.tagsUnderWay()).isEqualTo(0b10);
        send(atcs, function, 32);
        assertThat(atcs.tagsUnderWay()).isEqualTo(0b11);
    }

    @Test
    void shouldTimeOutAndTakeWhatComesLaterForUnexpected() {
        AtcInvalidations atcs = make(1, TIMEOUT);
        send(atcs, function, 32);
        sim.scheduler().run();
        assertThat(sim.now()).isEqualTo(TIMEOUT);
        atcs.completed(0x10, 1, 1);
        assertThat(told).containsExactly("invalidate 0 0x6000/13", "timed out 0 of 16", "freed", "unexpected 16");
    }

    @Test
    void shouldGiveEachRequestTheTimeThatHeldWhenItWasSent() {
        AtcInvalidations atcs = make(3, AtcInvalidations.NEVER);
        send(atcs, function, 32);
        atcs.timeout(TIMEOUT);
        send(atcs, function, 32);
        atcs.timeout(2 * TIMEOUT);
        send(atcs, function, 32);
        atcs.timeout(AtcInvalidations.NEVER);
        atcs.completed(0x10, 1 << 1, 1);
        sim.scheduler().run();
        assertThat(sim.now()).isEqualTo(2 * TIMEOUT);
        assertThat(atcs.tagsUnderWay()).isEqualTo(0b001);
        assertThat(told).endsWith("freed", "timed out 2 of 16", "freed");
    }

    @Test
    void shouldNotTimeOutWhatIsAnsweredInTheSameMoment() {
        AtcInvalidations atcs = make(1, TIMEOUT);
        send(atcs, function, 32);
        sim.scheduler()
                .at(
                        sim.scheduler().newLane("link", Phase.HARDWARE),
                        TIMEOUT,
                        (op, arg) -> atcs.completed(0x10, 1, 1),
                        0,
                        0);
        sim.scheduler().run();
        assertThat(told).containsExactly("invalidate 0 0x6000/13", "freed");
    }

    @Test
    void shouldWaitForEverIfAskedTo() {
        AtcInvalidations atcs = make(1, AtcInvalidations.NEVER);
        assertThat(atcs.sendToNobody(0x99, 32)).isZero();
        sim.scheduler().run();
        assertThat(atcs.underWay()).isTrue();
        assertThat(send(atcs, function, 32)).isEqualTo(AtcInvalidations.NO_TAG);
        assertThat(atcs.sendToNobody(0x99, 32)).isEqualTo(AtcInvalidations.NO_TAG);
        // An answer would still do.
        atcs.completed(0x99, 1, 1);
        assertThat(told).containsExactly("freed");
    }
}
