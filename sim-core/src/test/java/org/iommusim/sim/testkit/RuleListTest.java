package org.iommusim.sim.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class RuleListTest {
    @Test
    void shouldBeContentWhenEveryRuleHasATestOrAnExplanation() {
        RuleList rules = list("# about", "", "A-01  One.", "A-02  Two.  # explained: it is a permission, not a rule");

        assertThat(rules.size()).isEqualTo(2);
        assertThat(rules.problems(List.of("A-01"))).isEmpty();
    }

    @Test
    void shouldNameRulesWithoutTest() {
        assertThat(list("A-01  One.", "A-02  Two.").problems(List.of("A-02")))
                .containsExactly("A-01 has no test: One.");
    }

    @Test
    void shouldNameTestsOfUnknownRules() {
        assertThat(list("A-01  One.").problems(List.of("A-01", "A-03")))
                .containsExactly("A-03 is named by a test, and is in no list");
    }

    @Test
    void shouldNameExplanationsThatATestMakesWrong() {
        assertThat(list("A-01  One.  # explained: why").problems(List.of("A-01")))
                .containsExactly("A-01 has a test, and is explained to have none");
    }

    @Test
    void shouldNameLinesThatAreNoRulesAndRulesListedTwice() {
        assertThat(list("A-01 one space", "A-02  Two.", "A-02  Two again.").problems(List.of("A-02")))
                .containsExactly("x.txt:1: not 'ID  sentence': A-01 one space", "x.txt:3: A-02 is listed twice");
    }

    private static RuleList list(String... lines) {
        RuleList rules = new RuleList();
        rules.add("x.txt", List.of(lines));
        return rules;
    }
}
