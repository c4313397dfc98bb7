package org.iommusim.iommufd.ioctl;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.BitSet;
import org.iommusim.iommufd.testkit.Rig;
import org.junit.jupiter.api.Test;

/** A bitmap in user memory: which bits a record sets, and what it leaves alone. */
class IovaBitmapTest {
    private static final long IOVA = 0x200_0000;

    private final Rig rig = new Rig();
    private final long data = rig.process.mmap(0x3000, false);

    private IovaBitmap bitmap(long length, long pageSize, long at) {
        return new IovaBitmap(rig.process, IOVA, length, pageSize, at);
    }

    private BitSet bits() {
        byte[] bytes = new byte[0x3000];
        assertThat(rig.process.copyFromUser(data, bytes)).isZero();
        return BitSet.valueOf(bytes);
    }

    private static BitSet of(int from, int to) {
        BitSet set = new BitSet();
        set.set(from, to);
        return set;
    }

    @Test
    void shouldSetOneBitForEachPage() {
        IovaBitmap bitmap = bitmap(0x10000, 4096, data);
        bitmap.record(IOVA + 0x3000, 0x2000);
        assertThat(bits()).isEqualTo(of(3, 5));
        bitmap.record(IOVA + 0x7800, 0x1000);
        assertThat(bits().cardinality()).isEqualTo(4);
    }

    @Test
    void shouldRoundToPagesOfTheBitmap() {
        bitmap(0x200000, 0x40000, data).record(IOVA, 0x200000);
        assertThat(bits()).isEqualTo(of(0, 8));
    }

    @Test
    void shouldCountThePageSizesLowestBit() {
        bitmap(0x6000, 0x3000, data).record(IOVA + 0x5000, 0x1000);
        assertThat(bits()).isEqualTo(of(5, 6));
    }

    @Test
    void shouldSetNothingForARecordThatBeginsOutside() {
        IovaBitmap bitmap = bitmap(0x10000, 4096, data);
        bitmap.record(IOVA - 0x1000, 0x3000);
        bitmap.record(IOVA + 64 * 0x1000, 0x1000);
        assertThat(bits().isEmpty()).isTrue();
    }

    @Test
    void shouldRunOverToTheEndOfTheLastPageOfUserMemory() {
        bitmap(0x1000, 4096, data).record(IOVA, 1L << 32);
        assertThat(bits()).isEqualTo(of(0, 4096 * 8));
    }

    @Test
    void shouldStopAtMemoryThatIsNotThere() {
        bitmap(1L << 30, 4096, data + 0x2ff8).record(IOVA, 1L << 30);
        assertThat(bits()).isEqualTo(of(0x2ff8 * 8, 0x3000 * 8));
        bitmap(0x1000, 4096, 0).record(IOVA, 0x1000);
    }
}
