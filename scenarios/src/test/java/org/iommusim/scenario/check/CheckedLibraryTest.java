package org.iommusim.scenario.check;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.iommusim.scenario.check.CheckVerdict.Status;
import org.iommusim.scenario.language.Installed;
import org.iommusim.scenario.library.Library;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * What {@code iommusim check} does: every bundled scenario is run, and explored on every kernel and with every known bug that
 * it names. The policy matrix and the corpus of bugs are among them. Replays of recordings have tests of their own.
 * It takes minutes. Explorations run without the coverage agent, which would make them three times as long. Answers depend on
 * the programs alone: a second Java need not give all of them again, and leaves out who is tagged as every exploration.
 */
@Tag("exploration")
@Tag("every-exploration")
class CheckedLibraryTest {
    @Test
    void shouldComeOutAsEachScenarioSays() {
        List<String> names = Library.bundled().stream()
                .map(Library.Entry::name)
                .filter(name -> !name.startsWith("gem5-"))
                .toList();
        List<CheckCase> cases = new CheckFiles(Installed.vocabulary()).find(names);
        List<CheckVerdict> verdicts = new CheckSuite(2, false).judge(cases, done -> {});
        assertThat(verdicts).hasSizeGreaterThan(250);
        assertThat(verdicts.stream()
                        .filter(verdict -> verdict.status() != Status.PASSED)
                        .map(verdict ->
                                verdict.of().scenario() + ", " + verdict.of().title() + ": " + verdict.message()))
                .isEmpty();
    }
}
