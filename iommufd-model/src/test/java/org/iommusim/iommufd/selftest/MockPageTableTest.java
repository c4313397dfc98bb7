package org.iommusim.iommufd.selftest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.iommusim.hw.driver.Errno;
import org.iommusim.sim.world.World;
import org.junit.jupiter.api.Test;

/** The mock's page table: which leaves it makes, and what a dirty leaf tells. */
class MockPageTableTest {
    private static final int RW = 3;
    private static final long K = 1 << 10;
    private static final long M = 1 << 20;

    private final World world = new World();
    private final MockPageTable table = new MockPageTable(world, MockPageTable.POSSIBLE_SIZES);

    private List<String> dirty(long iova, long bytes, boolean clear) {
        List<String> told = new ArrayList<>();
        table.readAndClearDirty(
                iova, bytes, clear, (at, n) -> told.add(Long.toHexString(at) + "+" + Long.toHexString(n)));
        return told;
    }

    @Test
    void addressesInsideOfALeafKeepTheirOffset() {
        assertThat(table.map(0x1000000, 0x42000, 2 * K, RW)).isZero();
        assertThat(table.physical(0x1000000)).isEqualTo(0x42000);
        assertThat(table.physical(0x10007ff)).isEqualTo(0x427ff);
        assertThat(table.physical(0x1000800)).isEqualTo(-1);
        assertThat(table.physical(1L << 40)).isEqualTo(-1);
    }

    @Test
    void aMapThatMeetsAnotherIsRefused() {
        assertThat(table.map(0x1000000, 0x42000, 4 * K, RW)).isZero();
        assertThat(table.map(0x1000800, 0x99000, 2 * K, RW)).isEqualTo(Errno.EADDRINUSE);
        assertThat(table.map(0x1000000, 0x200000, 2 * M, RW)).isEqualTo(Errno.EADDRINUSE);
        assertThat(table.physical(0x1000000)).isEqualTo(0x42000);
    }

    @Test
    void anEmptyTableGivesWayToALargeLeaf() {
        assertThat(table.map(0x1000000, 0x42000, 4 * K, RW)).isZero();
        table.unmap(0x1000000, 4 * K);
        assertThat(table.map(0x1000000, 0x2000000, 4 * M, RW)).isZero();
        assertThat(table.physical(0x1000000 + 3 * M + 5)).isEqualTo(0x2000000 + 3 * M + 5);
    }

    @Test
    void aDirtyByteMakesTheWholeLeafDirty() {
        assertThat(table.map(0x1000000, 0x8000, 32 * K, RW)).isZero();
        table.setDirty(0x1000000 + 9 * K);
        assertThat(dirty(0x1000000, 64 * K, false)).containsExactly("1000000+8000");
        assertThat(dirty(0x1002000, 2 * K, false)).containsExactly("1002000+800");
        assertThat(dirty(0x1000000, 64 * K, true)).containsExactly("1000000+8000");
        assertThat(dirty(0x1000000, 64 * K, true)).isEmpty();
    }

    @Test
    void aLeafOfOneItemIsToldAsAWhole() {
        assertThat(table.map(0x1000000, 0x2000000, M, RW)).isZero();
        table.setDirty(0x1000000);
        assertThat(dirty(0x1001000, 4 * K, false)).containsExactly("1001000+100000");
    }

    @Test
    void physicalAlignmentLimitsTheLeaves() {
        assertThat(table.map(0x1000000, 0x43000, 16 * K, RW)).isZero();
        table.setDirty(0x1000000);
        table.setDirty(0x1003000);
        assertThat(dirty(0x1000000, 16 * K, false)).containsExactly("1000000+1000", "1003000+1000");
    }

    @Test
    void onlyAllowedSizesAreUsed() {
        MockPageTable huge = new MockPageTable(world, 4 * K | M);
        assertThat(huge.map(0, 0x2000000, M + 8 * K, RW)).isZero();
        List<Long> sizes = new ArrayList<>();
        huge.setDirty(0);
        huge.setDirty(M);
        huge.readAndClearDirty(0, M + 8 * K, false, (at, n) -> sizes.add(n));
        assertThat(sizes).containsExactly(M, 4 * K);
        assertThatThrownBy(() -> huge.map(2 * M, 0, 2 * K, RW)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void anUnmapDoesNotCutALeaf() {
        assertThat(table.map(0x1000000, 0x8000, 32 * K, RW)).isZero();
        assertThatThrownBy(() -> table.unmap(0x1000000, 4 * K)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> table.unmap(0x1004000, 16 * K)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void everyPageLeadsWhereItWasMapped() {
        Random random = new Random(1);
        for (int i = 0; i < 50; i++) {
            mapAndCompare(random, new MockPageTable(new World(), MockPageTable.POSSIBLE_SIZES));
        }
    }

    private static void mapAndCompare(Random random, MockPageTable any) {
        TreeMap<Long, Long> expected = new TreeMap<>();
        for (int i = 0; i < 12; i++) {
            long iova = random.nextInt(2048) * 2 * K;
            long bytes = (1 + random.nextInt(900)) * 2 * K;
            long physical = 64 * M + random.nextInt(64) * 2 * K;
            if (expected.subMap(iova, iova + bytes).isEmpty()) {
                assertThat(any.map(iova, physical, bytes, RW)).isZero();
                for (long at = 0; at < bytes; at += 2 * K) {
                    expected.put(iova + at, physical + at);
                }
            } else {
                any.unmap(0, 1L << MockPageTable.ADDRESS_BITS);
                expected.clear();
            }
            for (long at = 0; at < 3000 * 2 * K; at += 2 * K) {
                assertThat(any.physical(at)).isEqualTo(expected.getOrDefault(at, -1L));
            }
        }
    }
}
