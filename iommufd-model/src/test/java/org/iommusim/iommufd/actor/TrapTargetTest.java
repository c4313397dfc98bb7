package org.iommusim.iommufd.actor;

import static org.assertj.core.api.Assertions.assertThat;

import org.iommusim.hw.driver.UserData;
import org.iommusim.iommufd.object.IommufdCtx;
import org.iommusim.iommufd.testkit.Rig;
import org.junit.jupiter.api.Test;

/** Where trapped invalidation commands go. */
class TrapTargetTest {
    private final IommufdCtx ctx = new Rig().ctx;
    private final TrapTarget all = new TrapTarget(ctx, 3, TrapTarget.ALL, 0, null);
    private final TrapTarget five = new TrapTarget(ctx, 4, 0x300, 5, all);

    @Test
    void shouldPreferTheTargetOfAnAddressSpaceToThatOfAll() {
        assertThat(TrapTarget.find(five, 0x300, 5)).isSameAs(five);
        assertThat(TrapTarget.find(five, 0x300, 0)).isSameAs(all);
        assertThat(TrapTarget.find(five, 0x301, 5)).isSameAs(all);
        assertThat(TrapTarget.find(null, 0x300, 5)).isNull();
    }

    @Test
    void shouldForgetOneTargetOnly() {
        assertThat(TrapTarget.find(TrapTarget.without(five, 0x300, 5), 0x300, 5))
                .isSameAs(all);
        TrapTarget rest = TrapTarget.without(five, TrapTarget.ALL, 0);
        assertThat(TrapTarget.find(rest, 0x300, 5)).isNotNull();
        assertThat(TrapTarget.find(rest, 0x300, 0)).isNull();
    }

    @Test
    void shouldSortWhatWasKeptByWhereItGoes() {
        TrappedCommands kept = TrappedCommands.append(null, 0x300, 0, UserData.ofWords(0, 1));
        kept = TrappedCommands.append(kept, 0x300, 5, UserData.ofWords(0, 2));
        kept = TrappedCommands.append(kept, 0x301, 0, UserData.ofWords(0, 3));
        assertThat(words(TrappedCommands.to(all, five, kept))).containsExactly(1, 3);
        TrappedCommands rest = TrappedCommands.without(all, five, kept);
        assertThat(rest).isNotNull();
        assertThat(words(TrappedCommands.to(five, five, rest))).containsExactly(2);
        assertThat(TrappedCommands.without(five, five, rest)).isNull();
    }

    private static long[] words(UserData data) {
        byte[] bytes = new byte[data.length()];
        data.memory().copyFromUser(data.address(), bytes);
        long[] words = new long[bytes.length / 8];
        for (int i = 0; i < words.length; i++) {
            words[i] = UserData.word(bytes, 8 * i);
        }
        return words;
    }
}
