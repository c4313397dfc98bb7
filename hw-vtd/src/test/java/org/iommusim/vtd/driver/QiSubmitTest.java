package org.iommusim.vtd.driver;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.queue.EntryList;
import org.iommusim.vtd.spec.Inv;
import org.iommusim.vtd.spec.Reg;
import org.junit.jupiter.api.Test;

class QiSubmitTest {
    private final DriverTestbed bed = DriverTestbed.fake(FakeVtd.SCALABLE);

    QiSubmitTest() {
        bed.ok(bed.driver.probe());
    }

    private InvalidationQueue qi() {
        return bed.iommu().qi();
    }

    private static EntryList domains(int count) {
        EntryList list = new EntryList();
        for (int i = 0; i < count; i++) {
            list.add(Inv.iotlb0(Inv.G_IOTLB_DOMAIN, i + 1, false, false), 0);
        }
        return list;
    }

    @Test
    void shouldWaitUntilItsOwnWaitDescriptorIsComplete() {
        bed.fake().alive = false;
        List<Integer> answer = bed.start(qi().submit(domains(2)));
        bed.sim.scheduler().runUntil(bed.sim.now() + 1_000_000_000);
        assertThat(answer).isEmpty();
        assertThat(qi().lock.held()).isFalse(); // others may submit meanwhile
        bed.fake().alive = true;
        bed.fake().consume();
        bed.sim.scheduler().run();
        assertThat(answer).containsExactly(0);
        assertThat(bed.fake().commands).containsExactly("iotlb domain did=1", "iotlb domain did=2");
        bed.assertClean();
    }

    @Test
    void shouldGoRoundTheRing() {
        for (int i = 0; i < 200; i++) {
            bed.ok(qi().submit(domains(3)));
        }
        assertThat(bed.fake().commands).hasSize(600);
        bed.assertClean();
    }

    @Test
    void shouldWaitForRoomWithoutTheLock() {
        bed.fake().alive = false;
        List<List<Integer>> answers = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            answers.add(bed.start(qi().submit(domains(9))));
        }
        bed.sim.scheduler().runUntil(bed.sim.now() + 1_000_000_000);
        bed.fake().alive = true;
        bed.fake().consume();
        bed.sim.scheduler().run();
        assertThat(answers).allMatch(a -> a.equals(List.of(0)));
        assertThat(bed.fake().commands).hasSize(360);
        bed.assertClean();
    }

    @Test
    void shouldPutItsWaitDescriptorInThePlaceOfOneThatHardwareRefuses() {
        bed.fake().illegal = type -> type == Inv.PASID_CACHE;
        assertThat(bed.run(qi().submit(Inv.pasidCache0(Inv.G_PASID_CACHE_GLOBAL, 0, 0), 0)))
                .isEqualTo(Errno.EINVAL);
        assertThat(bed.messages).containsExactly("QI invalid descriptor");
        bed.ok(qi().submit(domains(1)));
        bed.assertClean();
    }

    @Test
    void shouldTryAgainWhatATimeoutHasAborted() {
        DeviceInfo slow = bed.withAts(5);
        bed.fake().silent = 5;
        List<Integer> answer = bed.start(qi().submit(Flushes.deviceTlbAll(slow, 0)));
        List<Integer> other = bed.start(qi().submit(domains(1)));
        bed.sim.scheduler().runUntil(bed.sim.now() + 50_000_000);
        assertThat(answer).isEmpty(); // present, so it is asked over and over
        bed.fake().silent = -1;
        bed.sim.scheduler().run();
        assertThat(answer).containsExactly(0);
        assertThat(other).containsExactly(0);
        assertThat(bed.messages).contains("QI timed out");
        bed.assertClean();
    }

    @Test
    void shouldNotAskADeviceAgainThatIsGone() {
        DeviceInfo gone = bed.withAts(5);
        bed.fake().silent = 5;
        gone.function().setPresent(false);
        assertThat(bed.run(qi().submit(Flushes.deviceTlbAll(gone, 0)))).isEqualTo(Errno.ETIMEDOUT);
        assertThat(bed.fake().commands).hasSize(1);
        bed.assertClean();
    }

    /** Somebody polls at a queue that stands still, and an error shows with the head at a slot. */
    private List<Integer> pollsWith(int error, int head) {
        bed.fake().alive = false;
        List<Integer> answer = bed.start(qi().submit(domains(1)));
        bed.sim.scheduler().runUntil(bed.sim.now() + 1_000_000_000);
        bed.steps.clear();
        bed.fake().register(Reg.FSTS, error);
        bed.fake().register64(Reg.IQH, (long) head << qi().slotShift());
        bed.fake().changed().wakeAll();
        bed.sim.scheduler().runUntil(bed.sim.now() + 1_000_000_000);
        return answer;
    }

    /** Its own submitter replaces it; whoever looked all the same would see the same again and again. */
    @Test
    void shouldNotLookBecauseAnothersDescriptorIsRefused() {
        int first = bed.fake().slotsUsed();
        assertThat(pollsWith(Reg.FSTS_IQE, first + 7)).isEmpty();
        assertThat(bed.steps).isEmpty();
    }

    @Test
    void shouldLookWhenItsOwnFirstDescriptorIsRefused() {
        int first = bed.fake().slotsUsed();
        assertThat(pollsWith(Reg.FSTS_IQE, first)).containsExactly(Errno.EINVAL);
        bed.assertClean();
    }

    /** Whoever comes first clears these for all. */
    @Test
    void shouldLookAtErrorsThatAreNobodysOwn() {
        for (int error : new int[] {Reg.FSTS_ITE, Reg.FSTS_ICE, Reg.FSTS_IQE | Reg.FSTS_ICE}) {
            QiSubmitTest fresh = new QiSubmitTest();
            fresh.pollsWith(error, fresh.bed.fake().slotsUsed() + 7);
            assertThat(fresh.bed.steps).as("FSTS 0x%x", error).contains("qi_submit_sync: look");
        }
    }
}
