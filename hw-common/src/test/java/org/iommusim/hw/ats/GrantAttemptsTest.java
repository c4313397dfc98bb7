package org.iommusim.hw.ats;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.EnumSet;
import java.util.Set;
import org.iommusim.hw.pcie.TranslationEntry;
import org.iommusim.hw.walk.Access;
import org.iommusim.hw.walk.WalkFault;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GrantAttemptsTest {
    @Test
    void shouldAskForEverythingFirstAndThenForLess() {
        assertThat(GrantAttempts.access(0, true)).isEqualTo(Access.READ | Access.WRITE);
        assertThat(GrantAttempts.another(0, true)).isTrue();
        assertThat(GrantAttempts.access(1, true)).isEqualTo(Access.READ);
        assertThat(GrantAttempts.another(1, true)).isTrue();
        assertThat(GrantAttempts.access(2, true)).isEqualTo(Access.WRITE);
        assertThat(GrantAttempts.another(2, true)).isFalse();
    }

    @Test
    void shouldNotAskForWritingThatIsNotWanted() {
        assertThat(GrantAttempts.access(0, false)).isEqualTo(Access.READ);
        assertThat(GrantAttempts.another(0, false)).isFalse();
    }

    @Test
    void shouldTakeWhatIsNotMappedForAnAnswer() {
        Set<WalkFault> answers = EnumSet.noneOf(WalkFault.class);
        for (WalkFault fault : WalkFault.values()) {
            if (GrantAttempts.isNoGrant(fault)) {
                answers.add(fault);
            }
        }
        assertThat(answers)
                .containsExactlyInAnyOrder(WalkFault.TRANSLATION, WalkFault.PERMISSION, WalkFault.INPUT_RANGE);
    }

    /** Permissions: 1 read, 2 write, 4 execute; those of privileged accesses are shifted by 4. Grants: 1 R, 2 W, 8 Exe. */
    @ParameterizedTest
    @CsvSource({
        "0x03, false, false, 0x3",
        "0x30, false, false, 0x0",
        "0x30, true, false, 0x3",
        "0x05, false, false, 0x1",
        "0x05, false, true, 0x9",
        "0x04, false, true, 0x0",
        "0x02, false, true, 0x2"
    })
    void shouldGrantWhatTablesAllow(String permissions, boolean privileged, boolean execute, String bits) {
        assertThat(TranslationEntry.EXE).isEqualTo(8);
        assertThat(GrantAttempts.bits(Integer.decode(permissions), privileged, execute))
                .isEqualTo(Long.decode(bits));
    }
}
