package org.iommusim.scenario.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class LineDiffTest {
    private static List<String> diff(String before, String after) {
        return LineDiff.of(List.of(before.split(" ")), List.of(after.split(" ")), 1);
    }

    @Test
    void shouldShowNothingForEqualLists() {
        assertThat(diff("a b c", "a b c")).isEmpty();
    }

    @Test
    void shouldShowChangesWithTheLineNextToThem() {
        assertThat(diff("a b c d e f", "a b x d e f")).containsExactly("  ...", "  b", "- c", "+ x", "  d", "  ...");
    }

    @Test
    void shouldTakeOutAndPutInAsLittleAsPossible() {
        assertThat(diff("lock a b unlock c", "lock a unlock b c"))
                .containsExactly("  ...", "  a", "- b", "  unlock", "+ b", "  c");
    }

    @Test
    void shouldHandleEmptyEnds() {
        assertThat(LineDiff.of(List.of(), List.of("a"), 1)).containsExactly("+ a");
        assertThat(LineDiff.of(List.of("a"), List.of(), 1)).containsExactly("- a");
    }

    @Test
    void shouldLeaveOutTheMiddleBetweenTwoChanges() {
        assertThat(diff("a 1 2 3 4 b", "x 1 2 3 4 y"))
                .containsExactly("- a", "+ x", "  1", "  ...", "  4", "- b", "+ y");
    }
}
