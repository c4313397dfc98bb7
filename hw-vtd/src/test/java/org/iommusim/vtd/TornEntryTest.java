package org.iommusim.vtd;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.iommusim.hw.check.DescriptorWatcher;
import org.iommusim.hw.check.Rewrite;
import org.iommusim.sim.check.Checker;
import org.iommusim.sim.check.CheckerInfo;
import org.iommusim.sim.event.Lane;
import org.iommusim.sim.event.Phase;
import org.iommusim.vtd.spec.FaultReason;
import org.iommusim.vtd.spec.PasidEntry;
import org.junit.jupiter.api.Test;

/** What the unit sees of an entry that software changes between two of the 128-bit atoms in which the unit takes it. */
class TornEntryTest {
    private static final int SID = 0x10;
    private static final long IOVA = 0x5000;

    /** Notes what hardware reads, and when. */
    private static final class Reads implements Checker, DescriptorWatcher {
        private final VtdTestbed bed;
        final List<long[]> words = new ArrayList<>();
        final List<Long> times = new ArrayList<>();

        Reads(VtdTestbed bed) {
            this.bed = bed;
            bed.sim.checkers().attach(this);
        }

        @Override
        public CheckerInfo info() {
            return new CheckerInfo("reads", "notes what hardware reads");
        }

        @Override
        public void rewrites(long address, Rewrite rewrite) {}

        @Override
        public void reads(String reader, long address, long[] read) {
            words.add(read.clone());
            times.add(bed.sim.now());
        }
    }

    private final VtdTestbed bed = VtdTestbed.of("scalable").scalable();
    private final long table = bed.page();
    private final long context = bed.scalableContext(SID, VtdTestbed.function());
    private final long entry = bed.pasid(0, PasidEntry.firstStage(table, 4, 1));
    private final Reads reads = new Reads(bed);

    TornEntryTest() {
        bed.mapFirst(table, 4, IOVA, bed.page());
    }

    /** When each entry is there, counted from the request, if nobody disturbs. */
    private long time(int read) {
        long start = bed.sim.now();
        bed.dmaRead(SID, IOVA);
        long after = reads.times.get(read) - start;
        bed.invalidate(0x11);
        bed.invalidate(0x37);
        bed.invalidate(0xd2);
        reads.words.clear();
        reads.times.clear();
        return after;
    }

    /** Software stores when the first atom has been taken, and before the second one. */
    private void storeBetweenAtoms(long after, long address, long[] words) {
        Lane software = bed.sim.scheduler().newLane("software", Phase.HARDWARE);
        // In the queue after the reply with the first atom, because it is put there when that reply is due.
        bed.sim
                .scheduler()
                .at(
                        software,
                        bed.sim.now() + after,
                        (op, arg) -> bed.sim
                                .scheduler()
                                .at(software, bed.sim.now(), (op2, arg2) -> bed.words(address, words), 0, 0),
                        0,
                        0);
    }

    @Test
    void shouldSeeAPasidEntryThatIsZeroedWhilePresentWithoutItsTables() {
        long there = time(1);
        storeBetweenAtoms(there, entry, new long[PasidEntry.WORDS]);
        bed.dmaRead(SID, IOVA);
        long[] mix = Arrays.copyOf(Arrays.copyOf(PasidEntry.firstStage(table, 4, 1), 2), PasidEntry.WORDS);
        assertThat(reads.words.get(1)).containsExactly(mix);
        assertThat(bed.takeReason()).isEqualTo(FaultReason.FS_NOT_PRESENT); // of tables at address 0
    }

    @Test
    void shouldSeeNoMixOfAnEntryWhosePresentBitIsClearedFirst() {
        long there = time(1);
        long[] words = PasidEntry.firstStage(table, 4, 1);
        words[0] &= ~1L;
        storeBetweenAtoms(there, entry, words);
        bed.dmaRead(SID, IOVA);
        assertThat(reads.words.get(1)).containsExactly(PasidEntry.firstStage(table, 4, 1));
        assertThat(bed.takeReason()).isZero();
    }

    @Test
    void shouldTakeTheFirstTwoWordsOfAContextEntryTogether() {
        long there = time(0);
        storeBetweenAtoms(there, context, new long[] {0, 5, 0, 1});
        bed.dmaRead(SID, IOVA);
        long[] mix = VtdTestbed.function();
        mix[3] = 1;
        assertThat(reads.words.get(0)).containsExactly(mix);
        assertThat(bed.takeReason()).isEqualTo(FaultReason.SM_CONTEXT_RESERVED);
    }
}
