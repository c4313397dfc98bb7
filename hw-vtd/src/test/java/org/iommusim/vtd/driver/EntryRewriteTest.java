package org.iommusim.vtd.driver;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.iommusim.hw.check.Rewrite;
import org.iommusim.hw.check.SourceKind;
import org.junit.jupiter.api.Test;

/** Which stores into an entry hardware may notice. Bit 0 of the first word is P; hardware takes two words at a time. */
class EntryRewriteTest {
    private static final long[] OLD = {0x11, 0x12, 0x13, 0x14};
    private static final long[] NEW = {0x21, 0x22, 0x23, 0x24};
    private static final long[] NOTHING = new long[4];

    private static Rewrite from(long[] old, long[] target) {
        return new EntryRewrite("entry", SourceKind.CONTEXT, old, target);
    }

    private static long[] words(long... words) {
        return words;
    }

    @Test
    void shouldCallAMixOnlyWhatIsPresentAndNeitherOldNorNew() {
        Rewrite rewrite = from(OLD, NEW);
        assertThat(rewrite.mixes(OLD)).isFalse();
        assertThat(rewrite.mixes(NEW)).isFalse();
        assertThat(rewrite.mixes(words(0x11, 0x12, 0x13, 0x24))).isTrue();
        assertThat(rewrite.mixes(words(0x21, 0x12, 0x13, 0x14))).isTrue();
        assertThat(rewrite.mixes(words(0x10, 0x22, 0x13, 0x24))).isFalse(); // P is clear
    }

    @Test
    void shouldLetPresentAloneBeClearedAtOnce() {
        assertThat(from(OLD, NOTHING).exposes(words(0x10, 0x12, 0x13, 0x14))).isFalse();
    }

    /** Who has read the first two words before goes on with the others as they are now. */
    @Test
    void shouldForbidToClearTheRestBeforeReadersAreThrough() {
        long[] cleared = {0x10, 0x12, 0x13, 0x14};
        long[] upperGone = {0x10, 0x12, 0, 0x14};
        Rewrite rewrite = from(OLD, NOTHING).stored(cleared);
        assertThat(rewrite.exposes(upperGone)).isTrue();
        assertThat(rewrite.exposes(words(0, 0, 0x13, 0x14))).isFalse(); // the first two are read at once
        assertThat(rewrite.settled(SourceKind.CONTEXT).exposes(upperGone)).isFalse();
    }

    @Test
    void shouldNotBeSettledByAnInvalidationOfAnotherKind() {
        Rewrite rewrite = from(OLD, NOTHING).stored(words(0x10, 0x12, 0x13, 0x14));
        assertThat(rewrite.settled(SourceKind.DEVICE).exposes(words(0x10, 0x12, 0, 0x14)))
                .isTrue();
    }

    /** An invalidation before P is cleared stops nobody: the entry is found present again. */
    @Test
    void shouldNotBeSettledWhileItIsPresent() {
        Rewrite rewrite = from(OLD, NOTHING).settled(SourceKind.CONTEXT).stored(words(0x10, 0x12, 0x13, 0x14));
        assertThat(rewrite.exposes(words(0x10, 0x12, 0, 0x14))).isTrue();
    }

    @Test
    void shouldForgetThatPresentWasClearWhenItIsSetAgain() {
        Rewrite rewrite =
                from(OLD, NEW).stored(words(0x10, 0x12, 0x13, 0x14)).stored(OLD).settled(SourceKind.CONTEXT);
        assertThat(rewrite.exposes(words(0x10, 0x12, 0x23, 0x14))).isTrue();
    }

    @Test
    void shouldLetAnEntryBeFilledWhoseReadersNeverFoundItPresent() {
        Rewrite rewrite = from(NOTHING, NEW);
        assertThat(rewrite.exposes(words(0, 0x22, 0, 0))).isFalse();
        assertThat(rewrite.exposes(words(0, 0x22, 0x23, 0x24))).isFalse();
        assertThat(rewrite.exposes(NEW)).isFalse();
        assertThat(rewrite.exposes(words(0x21, 0x22, 0, 0))).isTrue(); // P came too early
    }

    @Test
    void shouldHaveAnotherIdInEachState() {
        Rewrite fresh = from(OLD, NOTHING);
        Rewrite gone = fresh.stored(words(0x10, 0x12, 0x13, 0x14));
        Rewrite settled = gone.settled(SourceKind.CONTEXT);
        assertThat(List.of(fresh.stableId(), gone.stableId(), settled.stableId()))
                .doesNotHaveDuplicates();
        assertThat(from(OLD, NOTHING).stableId()).isEqualTo(fresh.stableId());
    }
}
