package org.iommusim.amdvi.format;

import static org.assertj.core.api.Assertions.assertThat;

import org.iommusim.amdvi.spec.V1Pte;
import org.iommusim.hw.walk.Access;
import org.iommusim.hw.walk.DirectWalk;
import org.iommusim.hw.walk.StageParameters;
import org.iommusim.hw.walk.WalkAction;
import org.iommusim.hw.walk.WalkFault;
import org.iommusim.sim.testkit.Rule;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class V1TableTest {
    private static final long ROOT = 0x1000;
    private static final long NEXT = 0x2000;
    private static final long OUTPUT = 0x1_2340_0000L;

    private final DirectWalk direct = new DirectWalk();

    private void levels(int levels) {
        StageParameters p = direct.parameters();
        p.format = V1Table.INSTANCE;
        p.root = ROOT;
        p.startLevel = levels;
        p.inputBits = Math.min(64, 12 + 9 * levels);
    }

    private void reads(long address, long output) {
        assertThat(direct.walk(address, Access.READ)).isEqualTo(WalkAction.LEAF);
        assertThat(direct.state.output()).isEqualTo(output);
    }

    private void fails(long address, int access, WalkFault fault, int level) {
        assertThat(direct.walk(address, access)).isEqualTo(WalkAction.FAULT);
        assertThat(direct.state.fault).isEqualTo(fault);
        assertThat(direct.state.level).isEqualTo(level);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5})
    void shouldMapAPageOfEachLevelsOwnSize(int level) {
        levels(level);
        direct.memory.write64(ROOT + 8, V1Pte.page(OUTPUT, true, true));
        int shift = V1Pte.shift(level);
        reads((1L << shift) + 0x123, (OUTPUT & -1L << shift) + 0x123);
        assertThat(direct.state.pageShift).isEqualTo(shift);
    }

    @Test
    void shouldRefuseAddressesBeyondTheLevels() {
        levels(5);
        fails(1L << 57, Access.READ, WalkFault.INPUT_RANGE, 5);
        levels(6);
        direct.memory.write64(ROOT + 8 * 127, V1Pte.table(NEXT, 1));
        direct.memory.write64(NEXT, V1Pte.page(OUTPUT, true, true));
        reads(127L << 57, OUTPUT);
    }

    @Test
    void shouldHaveNoPagesAtLevel6() {
        levels(6);
        direct.memory.write64(ROOT, V1Pte.page(OUTPUT, true, true));
        fails(0, Access.READ, WalkFault.RESERVED_BIT, 6);
    }

    @Test
    void shouldTakeTheSizeOfAPageFromItsAddress() {
        levels(1);
        direct.memory.write64(ROOT + 16, V1Pte.sizedPage(OUTPUT, 15, true, true));
        reads(0x2345, OUTPUT + 0x2345);
        assertThat(direct.state.pageShift).isEqualTo(15);
        direct.memory.write64(ROOT + 16, V1Pte.NEXT_LEVEL.with(V1Pte.page(-1, true, true), V1Pte.LEAF_SIZED));
        fails(0x2345, Access.READ, WalkFault.RESERVED_BIT, 1);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6})
    void shouldRefuseTablesBelowLevel1(int nextLevel) {
        levels(1);
        direct.memory.write64(ROOT, V1Pte.table(OUTPUT, nextLevel));
        fails(0x10, Access.READ, WalkFault.RESERVED_BIT, 1);
    }

    @Test
    void shouldRefuseATableThatIsNotOfALowerLevel() {
        levels(3);
        direct.memory.write64(ROOT, V1Pte.table(NEXT, 3));
        fails(0, Access.READ, WalkFault.RESERVED_BIT, 3);
    }

    @Test
    void shouldMapNothingWhereBitsOfALeftOutLevelAreSet() {
        levels(3);
        direct.memory.write64(ROOT, V1Pte.table(NEXT, 1));
        direct.memory.write64(NEXT + 8, V1Pte.page(OUTPUT, true, true));
        reads(0x1010, OUTPUT + 0x10);
        fails(0x20_1010, Access.READ, WalkFault.TRANSLATION, 3);
        fails(0x2000_1010, Access.READ, WalkFault.TRANSLATION, 3);
    }

    @Test
    void shouldNeedPermissionFromEveryEntryAndSayNoAtTheLeaf() {
        levels(2);
        direct.memory.write64(ROOT, V1Pte.table(NEXT, 1) & ~V1Pte.IW);
        direct.memory.write64(NEXT, V1Pte.page(OUTPUT, true, true));
        reads(0, OUTPUT);
        fails(0, Access.WRITE, WalkFault.PERMISSION, 1);
        assertThat(direct.state.refused).isEqualTo(Access.WRITE);
        fails(0x1000, Access.WRITE, WalkFault.TRANSLATION, 1);
        direct.memory.write64(NEXT, V1Pte.page(OUTPUT, false, true));
        fails(0, Access.READ, WalkFault.PERMISSION, 1);
        fails(0, Access.EXECUTE, WalkFault.PERMISSION, 1);
    }

    @Test
    void shouldHandOnAttributes() {
        levels(1);
        direct.memory.write64(ROOT, V1Pte.page(OUTPUT, true, true) | V1Pte.U | V1Pte.PMS.with(0, 2));
        reads(0, OUTPUT);
        assertThat(direct.state.attributes).isEqualTo(V1Table.ATTRIBUTE_U | 2);
        direct.memory.write64(ROOT, V1Pte.page(OUTPUT, true, true) | V1Pte.FC);
        reads(0, OUTPUT);
        assertThat(direct.state.attributes).isEqualTo(V1Table.ATTRIBUTE_FC);
    }

    @Test
    void shouldMarkNothingUnlessAskedTo() {
        levels(1);
        direct.memory.write64(ROOT, V1Pte.page(OUTPUT, true, true));
        assertThat(direct.walk(0, Access.WRITE)).isEqualTo(WalkAction.LEAF);
        assertThat(direct.updates).isZero();
        assertThat(Access.allowed(direct.state.permissions, Access.WRITE)).isTrue();
    }

    @Test
    void shouldMarkAccessedEntriesAndDirtyLeaves() {
        levels(2);
        direct.parameters().flags = V1Table.ACCESSED | V1Table.DIRTY;
        direct.memory.write64(ROOT, V1Pte.table(NEXT, 1));
        direct.memory.write64(NEXT, V1Pte.page(OUTPUT, true, true));
        reads(0, OUTPUT);
        assertThat(direct.updates).isEqualTo(2);
        assertThat(Access.allowed(direct.state.permissions, Access.WRITE)).isFalse();
        assertThat(direct.memory.read64(ROOT)).isEqualTo(V1Pte.table(NEXT, 1) | V1Pte.A);
        assertThat(direct.memory.read64(NEXT)).isEqualTo(V1Pte.page(OUTPUT, true, true) | V1Pte.A);
        assertThat(direct.walk(0, Access.WRITE)).isEqualTo(WalkAction.LEAF);
        assertThat(direct.memory.read64(NEXT)).isEqualTo(V1Pte.page(OUTPUT, true, true) | V1Pte.A | V1Pte.D);
        assertThat(Access.allowed(direct.state.permissions, Access.WRITE)).isTrue();
    }

    @Test
    @Rule("AMDVI-AD-06")
    void shouldMarkOnlyTheEntryOfASizedPageThatItRead() {
        levels(1);
        direct.parameters().flags = V1Table.ACCESSED | V1Table.DIRTY;
        long page = V1Pte.sizedPage(OUTPUT, 13, true, true);
        direct.memory.write64(ROOT, page);
        direct.memory.write64(ROOT + 8, page);
        assertThat(direct.walk(0x1000, Access.WRITE)).isEqualTo(WalkAction.LEAF);
        assertThat(direct.memory.read64(ROOT)).isEqualTo(page);
        assertThat(direct.memory.read64(ROOT + 8)).isEqualTo(page | V1Pte.A | V1Pte.D);
    }

    @Test
    @Rule("AMDVI-AD-07")
    void shouldMarkNoLeafThatRefuses() {
        levels(1);
        direct.parameters().flags = V1Table.ACCESSED | V1Table.DIRTY;
        direct.memory.write64(ROOT, V1Pte.page(OUTPUT, true, false));
        fails(0, Access.WRITE, WalkFault.PERMISSION, 1);
        assertThat(direct.memory.read64(ROOT)).isEqualTo(V1Pte.page(OUTPUT, true, false));
    }

    @Test
    @Rule("AMDVI-AD-04")
    void shouldLookAtAnEntryAgainThatSoftwareChangedMeanwhile() {
        levels(1);
        direct.parameters().flags = V1Table.ACCESSED;
        direct.memory.write64(ROOT, V1Pte.page(OUTPUT, true, true));
        direct.beforeUpdate = () -> direct.memory.write64(ROOT, 0);
        fails(0, Access.READ, WalkFault.TRANSLATION, 1);
        assertThat(direct.memory.read64(ROOT)).isZero();
    }

    @Test
    void shouldResumeInTheMiddle() {
        levels(4);
        direct.state.begin(3L << 21 | 0x5000, Access.READ);
        WalkAction action = V1Table.INSTANCE.resume(direct.state, 2, NEXT, Access.both(Access.READ));
        assertThat(action).isEqualTo(WalkAction.READ);
        assertThat(direct.state.readAddress).isEqualTo(NEXT + 3 * 8);
        assertThat(V1Table.INSTANCE.descriptor(direct.state, V1Pte.page(OUTPUT, true, true)))
                .isEqualTo(WalkAction.LEAF);
        assertThat(Access.allowed(direct.state.permissions, Access.WRITE)).isFalse();
    }
}
