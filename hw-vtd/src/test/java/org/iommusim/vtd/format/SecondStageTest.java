package org.iommusim.vtd.format;

import static org.assertj.core.api.Assertions.assertThat;

import org.iommusim.hw.walk.Access;
import org.iommusim.hw.walk.DirectWalk;
import org.iommusim.hw.walk.StageParameters;
import org.iommusim.hw.walk.WalkAction;
import org.iommusim.hw.walk.WalkFault;
import org.iommusim.hw.x86.LongModeTables;
import org.iommusim.vtd.spec.SsPte;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SecondStageTest {
    private static final long INPUT = 0x34_5678_9abcL;
    private static final long OUTPUT = 0x7654_3000L;

    private final DirectWalk walk = new DirectWalk();
    private LongModeTables tables;

    @BeforeEach
    void fourLevels() {
        StageParameters p = walk.parameters();
        p.format = SecondStage.INSTANCE;
        p.startLevel = 4;
        p.inputBits = 48;
        p.granuleShift = 12;
        p.outputBits = 48;
        p.flags = SecondStage.PAGES_2M | SecondStage.PAGES_1G;
        tables = new LongModeTables(walk.memory, p, SsPte.table(0), 0x10_0000, 0);
        tables.map(INPUT, 1, OUTPUT, SsPte.R | SsPte.W);
    }

    private long entry(int level) {
        return tables.entry(INPUT, level, 0);
    }

    private void xor(int level, long bits) {
        walk.memory.write64(entry(level), walk.memory.read64(entry(level)) ^ bits);
    }

    private void assertFault(int access, WalkFault fault, int level) {
        assertThat(walk.walk(INPUT, access)).isEqualTo(WalkAction.FAULT);
        assertThat(walk.state.fault).isEqualTo(fault);
        assertThat(walk.state.level).isEqualTo(level);
    }

    private void assertPasses(int access) {
        assertThat(walk.walk(INPUT, access)).isEqualTo(WalkAction.LEAF);
    }

    @Test
    void shouldTranslateAPage() {
        assertPasses(Access.WRITE);
        assertThat(walk.state.output()).isEqualTo(OUTPUT | INPUT & 0xfff);
        assertThat(walk.state.pageShift).isEqualTo(12);
        assertThat(walk.state.permissions).isEqualTo(0x77);
        assertThat(walk.updates).isZero();
    }

    @ParameterizedTest
    @CsvSource({"3", "5"})
    void shouldTranslateWithOtherNumbersOfLevels(int levels) {
        walk.parameters().startLevel = levels;
        walk.parameters().inputBits = 12 + 9 * levels;
        tables = new LongModeTables(walk.memory, walk.parameters(), SsPte.table(0), 0x20_0000, 0);
        tables.map(INPUT, 1, OUTPUT, SsPte.R);
        assertPasses(Access.READ);
        assertThat(walk.state.output()).isEqualTo(OUTPUT | INPUT & 0xfff);
    }

    @ParameterizedTest
    @CsvSource({"2, 21", "3, 30"})
    void shouldTranslateALargePage(int level, int shift) {
        walk.memory.write64(entry(level), SsPte.superPage(1L << 30, true, false));
        assertPasses(Access.READ);
        assertThat(walk.state.output()).isEqualTo(1L << 30 | INPUT & (1L << shift) - 1);
        assertThat(walk.state.pageShift).isEqualTo(shift);
        assertThat(Access.allowed(walk.state.permissions, Access.WRITE)).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"2, 2", "3, 1"})
    void shouldNotKnowLargePagesThatDoNotExist(int level, int otherFlag) {
        walk.parameters().flags = otherFlag;
        walk.memory.write64(entry(level), SsPte.superPage(1L << 30, true, true));
        assertFault(Access.READ, WalkFault.RESERVED_BIT, level);
    }

    @ParameterizedTest
    @CsvSource({"2, 12", "2, 20", "3, 12", "3, 29", "2, 48", "3, 51", "2, 11", "3, 62"})
    void shouldRefuseReservedBitsOfLargePages(int level, int bit) {
        walk.memory.write64(entry(level), SsPte.superPage(0, true, true) | 1L << bit);
        assertFault(Access.READ, WalkFault.RESERVED_BIT, level);
    }

    @ParameterizedTest
    @CsvSource({"4, 7", "4, 11", "4, 48", "4, 62", "3, 11", "3, 51", "2, 62", "1, 11", "1, 48", "1, 51", "1, 62"})
    void shouldRefuseReservedBits(int level, int bit) {
        xor(level, 1L << bit);
        assertFault(Access.READ, WalkFault.RESERVED_BIT, level);
    }

    @ParameterizedTest
    @CsvSource({"4, 2", "4, 3", "4, 6", "4, 8", "3, 10", "2, 9", "2, 52", "1, 3", "1, 7", "1, 8", "1, 61", "1, 63"})
    void shouldIgnoreWhatIsNotReserved(int level, int bit) {
        xor(level, 1L << bit);
        assertPasses(Access.READ);
    }

    @Test
    void shouldAllowSnpAndTmInLeavesOnly() {
        walk.parameters().flags |= SecondStage.SNOOP_CONTROL | SecondStage.DEVICE_TLBS;
        xor(1, SsPte.SNP | SsPte.TM);
        assertPasses(Access.READ);
        xor(2, SsPte.SNP);
        assertFault(Access.READ, WalkFault.RESERVED_BIT, 2);
        xor(2, SsPte.SNP | SsPte.TM);
        assertFault(Access.READ, WalkFault.RESERVED_BIT, 2);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4})
    void shouldNeedTheRequestsOwnBitAtEveryLevel(int level) {
        xor(level, SsPte.R);
        assertPasses(Access.WRITE);
        assertFault(Access.READ, WalkFault.PERMISSION, level);
        assertThat(walk.state.refused).isEqualTo(Access.READ);
        assertFault(Access.EXECUTE, WalkFault.PERMISSION, level);
        xor(level, SsPte.R | SsPte.W);
        assertPasses(Access.READ | Access.PRIVILEGED);
        assertFault(Access.WRITE | Access.PRIVILEGED, WalkFault.PERMISSION, level);
        assertThat(walk.state.refused).isEqualTo(Access.WRITE);
        xor(level, SsPte.R);
        assertFault(Access.READ, WalkFault.PERMISSION, level);
    }

    @Test
    void shouldRefuseBeforeItLooksForReservedBits() {
        xor(3, SsPte.W | SsPte.SNP);
        assertFault(Access.WRITE, WalkFault.PERMISSION, 3);
        assertFault(Access.READ, WalkFault.RESERVED_BIT, 3);
    }

    @Test
    void shouldNeedTheExecuteBitIfItCounts() {
        assertPasses(Access.EXECUTE);
        walk.parameters().flags |= SecondStage.EXECUTE;
        assertFault(Access.EXECUTE, WalkFault.PERMISSION, 4);
        assertThat(walk.state.refused).isEqualTo(Access.EXECUTE);
        for (int level = 4; level >= 1; level--) {
            xor(level, SsPte.X);
        }
        assertPasses(Access.EXECUTE);
    }

    @Test
    void shouldRefuseAnAddressThatIsTooWide() {
        assertThat(walk.walk(1L << 48, Access.READ)).isEqualTo(WalkAction.FAULT);
        assertThat(walk.state.fault).isEqualTo(WalkFault.INPUT_RANGE);
        walk.parameters().inputBits = 37;
        assertFault(Access.READ, WalkFault.INPUT_RANGE, 4);
        walk.state.begin(INPUT, Access.READ);
        assertThat(SecondStage.INSTANCE.resume(walk.state, 1, 0x10_0000, 0x77)).isEqualTo(WalkAction.FAULT);
        assertThat(walk.state.fault).isEqualTo(WalkFault.INPUT_RANGE);
    }

    @Test
    void shouldResumeInTheMiddle() {
        walk.state.begin(INPUT, Access.READ);
        assertThat(SecondStage.INSTANCE.resume(walk.state, 2, 0x55_5000, 0x31)).isEqualTo(WalkAction.READ);
        assertThat(walk.state.readAddress).isEqualTo(0x55_5000 + 8 * (INPUT >>> 21 & 511));
        assertThat(walk.state.level).isEqualTo(2);
        assertThat(walk.state.tablePermissions).isEqualTo(0x31);
    }

    @Test
    void shouldMarkEveryLevelAccessedAndTheLeafDirty() {
        walk.parameters().flags |= SecondStage.ACCESSED_DIRTY;
        assertPasses(Access.READ);
        assertThat(walk.updates).isEqualTo(4);
        assertThat(Access.allowed(walk.state.permissions, Access.WRITE)).isFalse();
        assertPasses(Access.WRITE);
        assertThat(walk.updates).isEqualTo(1);
        assertThat(Access.allowed(walk.state.permissions, Access.WRITE)).isTrue();
        for (int level = 4; level >= 1; level--) {
            long marks = walk.memory.read64(entry(level)) & (SsPte.A | SsPte.D);
            assertThat(marks).isEqualTo(level == 1 ? SsPte.A | SsPte.D : SsPte.A);
        }
        assertPasses(Access.READ);
        assertThat(walk.updates).isZero();
        assertThat(Access.allowed(walk.state.permissions, Access.WRITE)).isTrue();
    }

    @Test
    void shouldLookAgainAtAnEntryThatChangedBeforeItsUpdate() {
        walk.parameters().flags |= SecondStage.ACCESSED_DIRTY;
        walk.beforeUpdate = () -> {
            if (walk.state.level == 2) {
                walk.memory.write64(entry(2), SsPte.W);
            }
        };
        assertFault(Access.READ, WalkFault.PERMISSION, 2);
        assertThat(walk.memory.read64(entry(2))).isEqualTo(SsPte.W);
    }

    @Test
    void shouldHandOnMemoryTypeAndSnooping() {
        walk.parameters().flags |= SecondStage.SNOOP_CONTROL;
        xor(1, 6L << SsPte.EMT_SHIFT);
        assertPasses(Access.READ);
        assertThat(walk.state.attributes).isEqualTo(6);
        xor(1, SsPte.IPAT | SsPte.SNP);
        assertPasses(Access.READ);
        assertThat(walk.state.attributes).isEqualTo(6 | SecondStage.ATTRIBUTE_IPAT | SecondStage.ATTRIBUTE_SNP);
    }

    @Test
    void shouldKnowItsGeometry() {
        assertThat(SecondStage.INSTANCE.name()).isEqualTo("VT-d second stage");
        assertThat(SecondStage.INSTANCE.lastLevel()).isEqualTo(1);
        assertThat(SecondStage.INSTANCE.nextLevel(5)).isEqualTo(4);
        assertThat(SecondStage.INSTANCE.levelShift(walk.parameters(), 1)).isEqualTo(12);
        assertThat(SecondStage.INSTANCE.levelShift(walk.parameters(), 5)).isEqualTo(48);
    }
}
