package org.iommusim.hw.x86;

import static org.assertj.core.api.Assertions.assertThat;

import org.iommusim.hw.walk.Access;
import org.iommusim.hw.walk.DirectWalk;
import org.iommusim.hw.walk.StageParameters;
import org.iommusim.hw.walk.WalkAction;
import org.iommusim.hw.walk.WalkFault;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class X86TableTest {
    private static final long INPUT = 0x1234_5678_9abcL;
    private static final long OUTPUT = 0x7654_3000L;
    private static final int USER_WRITE = Access.WRITE;
    private static final int PRIVILEGED_WRITE = Access.WRITE | Access.PRIVILEGED;

    private final DirectWalk walk = new DirectWalk();
    private LongModeTables tables;

    @BeforeEach
    void fourLevels() {
        StageParameters p = walk.parameters();
        p.format = X86Table.INSTANCE;
        p.startLevel = 4;
        p.inputBits = 48;
        p.granuleShift = 12;
        p.outputBits = 48;
        tables = new LongModeTables(walk.memory, p, X86Pte.table(0), 0x10_0000, 0);
        tables.map(INPUT, 1, OUTPUT, X86Pte.page(0, true));
    }

    private long entry(int level) {
        return tables.entry(INPUT, level, 0);
    }

    private void xor(int level, long bits) {
        walk.memory.write64(entry(level), walk.memory.read64(entry(level)) ^ bits);
    }

    private void flags(int flags) {
        walk.parameters().flags = flags;
    }

    private void assertFault(int access, WalkFault fault, int level) {
        assertThat(walk.walk(INPUT, access)).isEqualTo(WalkAction.FAULT);
        assertThat(walk.state.fault).isEqualTo(fault);
        assertThat(walk.state.level).isEqualTo(level);
    }

    private void assertRefused(int access, int refused) {
        assertThat(walk.walk(INPUT, access)).isEqualTo(WalkAction.FAULT);
        assertThat(walk.state.fault).isEqualTo(WalkFault.PERMISSION);
        assertThat(walk.state.refused).isEqualTo(refused);
    }

    @Test
    void shouldTranslateAPage() {
        assertThat(walk.walk(INPUT, Access.READ)).isEqualTo(WalkAction.LEAF);
        assertThat(walk.state.output()).isEqualTo(OUTPUT | INPUT & 0xfff);
        assertThat(walk.state.pageShift).isEqualTo(12);
        assertThat(walk.state.global).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"2, 21", "3, 30"})
    void shouldTranslateALargePage(int level, int shift) {
        flags(X86Table.GIGABYTE_PAGES);
        walk.memory.write64(entry(level), 1L << 30 | X86Pte.largePage(0, true) | X86Pte.G);
        assertThat(walk.walk(INPUT, Access.READ)).isEqualTo(WalkAction.LEAF);
        assertThat(walk.state.output()).isEqualTo(1L << 30 | INPUT & (1L << shift) - 1);
        assertThat(walk.state.pageShift).isEqualTo(shift);
        assertThat(walk.state.global).isTrue();
    }

    @Test
    void shouldNotKnowGigabytePagesThatDoNotExist() {
        walk.memory.write64(entry(3), 1L << 30 | X86Pte.largePage(0, true));
        assertFault(Access.READ, WalkFault.RESERVED_BIT, 3);
    }

    @ParameterizedTest
    @CsvSource({"2, 13", "2, 20", "3, 13", "3, 29", "2, 48", "3, 51"})
    void shouldRefuseReservedBitsOfLargePages(int level, int bit) {
        flags(X86Table.GIGABYTE_PAGES);
        walk.memory.write64(entry(level), X86Pte.largePage(0, true) | 1L << bit);
        assertFault(Access.READ, WalkFault.RESERVED_BIT, level);
    }

    @ParameterizedTest
    @CsvSource({"4, 7", "4, 48", "3, 51", "2, 48", "1, 50"})
    void shouldRefuseReservedBits(int level, int bit) {
        xor(level, 1L << bit);
        assertFault(Access.READ, WalkFault.RESERVED_BIT, level);
    }

    @ParameterizedTest
    @CsvSource({"4, 3", "4, 6", "4, 8", "3, 9", "2, 11", "1, 7", "1, 12", "4, 52", "1, 62", "4, 63", "1, 63"})
    void shouldIgnoreWhatIsNotReserved(int level, int bit) {
        if (bit != 12) {
            xor(level, 1L << bit);
        } else {
            walk.memory.write64(entry(2), X86Pte.largePage(0, true) | X86Pte.PAT_LARGE);
        }
        assertThat(walk.walk(INPUT, Access.READ)).isEqualTo(WalkAction.LEAF);
    }

    @ParameterizedTest
    @CsvSource({"48, 0x0000800000000000", "48, 0xfffe800000000000", "57, 0x0100000000000000", "48, 0xffff000000000000"})
    void shouldRefuseAnAddressThatIsNotCanonical(int bits, String address) {
        walk.parameters().inputBits = bits;
        walk.parameters().startLevel = bits == 57 ? 5 : 4;
        assertThat(walk.walk(Long.parseUnsignedLong(address.substring(2), 16), Access.READ))
                .isEqualTo(WalkAction.FAULT);
        assertThat(walk.state.fault).isEqualTo(WalkFault.INPUT_RANGE);
    }

    @Test
    void shouldRefuseToResumeOutsideOfTheInputRange() {
        walk.state.begin(1L << 47, Access.READ);
        assertThat(X86Table.INSTANCE.resume(walk.state, 1, 0x10_0000, 0x77)).isEqualTo(WalkAction.FAULT);
        assertThat(walk.state.fault).isEqualTo(WalkFault.INPUT_RANGE);
    }

    @Test
    void shouldResumeInTheMiddle() {
        walk.state.begin(INPUT, Access.READ);
        assertThat(X86Table.INSTANCE.resume(walk.state, 2, 0x55_5000, 0x31)).isEqualTo(WalkAction.READ);
        assertThat(walk.state.readAddress).isEqualTo(0x55_5000 + 8 * (INPUT >>> 21 & 511));
        assertThat(walk.state.level).isEqualTo(2);
        assertThat(walk.state.tablePermissions).isEqualTo(0x31);
    }

    @Test
    void shouldReachTheUpperHalfWithFiveLevels() {
        StageParameters p = walk.parameters();
        p.startLevel = 5;
        p.inputBits = 57;
        LongModeTables five = new LongModeTables(walk.memory, p, X86Pte.table(0), 0x20_0000, 0);
        five.map(-0x1000L, 1, OUTPUT, X86Pte.page(0, true));
        assertThat(walk.walk(-8, Access.READ)).isEqualTo(WalkAction.LEAF);
        assertThat(walk.state.output()).isEqualTo(OUTPUT | 0xff8);
    }

    @ParameterizedTest
    @CsvSource({"1", "2", "3", "4"})
    void shouldNeedUserPermissionOfEveryLevelForUserRequests(int level) {
        xor(level, X86Pte.US);
        assertFault(Access.READ, WalkFault.PERMISSION, level);
        assertRefused(USER_WRITE, Access.PRIVILEGED);
        assertThat(walk.walk(INPUT, PRIVILEGED_WRITE)).isEqualTo(WalkAction.LEAF);
    }

    @ParameterizedTest
    @CsvSource({"1", "2", "3", "4"})
    void shouldNeedWritePermissionOfEveryLevel(int level) {
        xor(level, X86Pte.RW);
        assertThat(walk.walk(INPUT, Access.READ)).isEqualTo(WalkAction.LEAF);
        assertFault(USER_WRITE, WalkFault.PERMISSION, level);
        assertThat(walk.state.refused).isEqualTo(Access.WRITE);
        assertThat(walk.walk(INPUT, PRIVILEGED_WRITE)).isEqualTo(WalkAction.LEAF);
        flags(X86Table.WP);
        assertFault(PRIVILEGED_WRITE, WalkFault.PERMISSION, level);
        assertThat(walk.state.refused).isEqualTo(Access.WRITE);
    }

    @ParameterizedTest
    @CsvSource({"1", "2", "3", "4"})
    void shouldNotExecuteWhatIsMarkedAtAnyLevel(int level) {
        xor(level, X86Pte.XD);
        assertThat(walk.walk(INPUT, Access.EXECUTE)).isEqualTo(WalkAction.LEAF);
        flags(X86Table.NXE);
        assertFault(Access.EXECUTE, WalkFault.PERMISSION, level);
        assertThat(walk.state.refused).isEqualTo(Access.EXECUTE);
        assertFault(Access.EXECUTE | Access.PRIVILEGED, WalkFault.PERMISSION, level);
        assertThat(walk.walk(INPUT, Access.READ)).isEqualTo(WalkAction.LEAF);
    }

    @Test
    void shouldNotExecuteUserPagesPrivilegedWithSmep() {
        int execute = Access.EXECUTE | Access.PRIVILEGED;
        assertThat(walk.walk(INPUT, execute)).isEqualTo(WalkAction.LEAF);
        flags(X86Table.SMEP);
        assertFault(execute, WalkFault.PERMISSION, 1);
        assertThat(walk.state.refused).isEqualTo(Access.EXECUTE);
        xor(3, X86Pte.US); // one table above makes it a page that is not for users
        assertThat(walk.walk(INPUT, execute)).isEqualTo(WalkAction.LEAF);
    }

    @Test
    void shouldSayExactlyWhatIsRefused() {
        flags(X86Table.WP | X86Table.NXE);
        xor(1, X86Pte.RW | X86Pte.XD);
        int all = Access.READ | Access.WRITE | Access.EXECUTE;
        assertRefused(all, Access.WRITE | Access.EXECUTE);
        assertRefused(all | Access.PRIVILEGED, Access.WRITE | Access.EXECUTE);
        assertRefused(Access.READ | Access.WRITE | Access.PRIVILEGED, Access.WRITE);
    }

    @Test
    void shouldFaultOnAnEntryThatIsNotPresent() {
        xor(2, X86Pte.P);
        assertFault(Access.READ, WalkFault.TRANSLATION, 2);
    }

    @Test
    void shouldMarkEveryLevelAccessedAndTheLeafDirty() {
        walk.walk(INPUT, USER_WRITE);
        assertThat(walk.updates).isEqualTo(4);
        for (int level = 4; level >= 1; level--) {
            long marks = walk.memory.read64(entry(level)) & (X86Pte.A | X86Pte.D | X86Pte.EA);
            assertThat(marks).isEqualTo(level == 1 ? X86Pte.A | X86Pte.D : X86Pte.A);
        }
        walk.walk(INPUT, USER_WRITE);
        assertThat(walk.updates).isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, Access.PRIVILEGED})
    void shouldMarkNothingForWhoeverOnlyLooks(int access) {
        assertThat(walk.walk(INPUT, access)).isEqualTo(WalkAction.LEAF);
        assertThat(walk.updates).isZero();
    }

    @Test
    void shouldMarkTheExtendedAccessedFlagToo() {
        walk.walk(INPUT, Access.READ);
        flags(X86Table.EXTENDED_ACCESSED);
        walk.walk(INPUT, Access.READ);
        assertThat(walk.updates).isEqualTo(4);
        assertThat(walk.memory.read64(entry(4)) & X86Pte.EA).isEqualTo(X86Pte.EA);
        assertThat(walk.memory.read64(entry(1)) & (X86Pte.EA | X86Pte.D)).isEqualTo(X86Pte.EA);
    }

    @Test
    void shouldMarkTheEntriesAboveOneThatFaults() {
        xor(2, X86Pte.P);
        walk.walk(INPUT, Access.READ);
        assertThat(walk.memory.read64(entry(4)) & X86Pte.A).isEqualTo(X86Pte.A);
        assertThat(walk.memory.read64(entry(3)) & X86Pte.A).isEqualTo(X86Pte.A);
        assertThat(walk.memory.read64(entry(2)) & X86Pte.A).isZero();
    }

    @Test
    void shouldLookAgainAtAnEntryThatChangedBeforeItsUpdate() {
        walk.beforeUpdate = () -> {
            if (walk.state.level == 2) {
                walk.memory.write64(entry(2), 0);
            }
        };
        assertFault(Access.READ, WalkFault.TRANSLATION, 2);
        assertThat(walk.memory.read64(entry(2))).isZero();
    }

    @Test
    void shouldHandOnACleanLeafWithoutWritePermission() {
        walk.walk(INPUT, Access.READ);
        assertThat(Access.allowed(walk.state.permissions, USER_WRITE)).isFalse();
        assertThat(Access.allowed(walk.state.permissions, PRIVILEGED_WRITE)).isFalse();
        walk.walk(INPUT, USER_WRITE);
        assertThat(Access.allowed(walk.state.permissions, USER_WRITE)).isTrue();
        walk.walk(INPUT, Access.READ);
        assertThat(Access.allowed(walk.state.permissions, PRIVILEGED_WRITE)).isTrue();
    }

    @ParameterizedTest
    @CsvSource({"0x20, 0x40", "0x28, 0x40", "0x40, 0x20", "0x48, 0x420", "0x60, 0"})
    void shouldLeaveFlagsAloneIfToldTo(String flags, String marks) {
        flags(Integer.decode(flags));
        walk.walk(INPUT, USER_WRITE);
        long all = X86Pte.A | X86Pte.D | X86Pte.EA;
        assertThat(walk.memory.read64(entry(1)) & all).isEqualTo(Long.decode(marks));
        assertThat(walk.memory.read64(entry(4)) & all).isEqualTo(Long.decode(marks) & ~X86Pte.D);
    }

    /** Nobody has to come back for the first write. */
    @Test
    void shouldHandOnACleanLeafAsItIsWhereDirtyFlagsAreLeftAlone() {
        flags(X86Table.LEAVES_DIRTY);
        walk.walk(INPUT, Access.READ);
        assertThat(Access.allowed(walk.state.permissions, USER_WRITE)).isTrue();
        flags(X86Table.LEAVES_ACCESSED);
        walk.walk(INPUT, Access.READ);
        assertThat(Access.allowed(walk.state.permissions, USER_WRITE)).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"0x8, 1, 1", "0x10, 1, 2", "0x80, 1, 4", "0x98, 1, 7", "0x1000, 2, 4", "0x1008, 2, 5"})
    void shouldHandOnTheIndexIntoThePageAttributeTable(String bits, int level, int index) {
        long attributes = Long.decode(bits);
        if (level == 1) {
            xor(1, attributes);
        } else {
            walk.memory.write64(entry(2), X86Pte.largePage(0, true) | attributes);
        }
        walk.walk(INPUT, Access.READ);
        assertThat(walk.state.attributes).isEqualTo(index);
    }

    @Test
    void shouldKnowItsGeometry() {
        assertThat(X86Table.INSTANCE.name()).isEqualTo("x86-64");
        assertThat(X86Table.INSTANCE.lastLevel()).isEqualTo(1);
        assertThat(X86Table.INSTANCE.nextLevel(5)).isEqualTo(4);
        assertThat(X86Table.INSTANCE.levelShift(walk.parameters(), 1)).isEqualTo(12);
        assertThat(X86Table.INSTANCE.levelShift(walk.parameters(), 5)).isEqualTo(48);
    }
}
