package org.iommusim.scenario.check;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.iommusim.scenario.check.CheckVerdict.Status;
import org.iommusim.scenario.cli.TestScenarios;
import org.iommusim.scenario.language.ExploreSettings.Outcome;
import org.iommusim.scenario.language.Scenario;
import org.junit.jupiter.api.Test;

class CheckJudgeTest {
    private final Scenario scenario = TestScenarios.bundled("lost-wakeup");

    private CheckVerdict judge(boolean strict, Outcome outcome) {
        return new CheckJudge(strict).judge(new CheckCase.Explore("x.json", scenario, outcome));
    }

    @Test
    void shouldFailACaseInWhichTheSimulatorFails() {
        // No loader lets this patch pass: making the machine throws.
        Outcome impossible = new Outcome("", "linux-7.3", List.of("no-such-patch"), List.of(), List.of(), false);
        CheckVerdict verdict = judge(false, impossible);
        assertThat(verdict.status()).isEqualTo(Status.FAILED);
        assertThat(verdict.message()).startsWith("the simulator failed: ").contains("no-such-patch");
    }

    @Test
    void shouldCountAcceptedDeviationsOnlyIfItIsStrict() {
        Outcome safe = new Outcome("", "linux-7.3", List.of(), List.of(), List.of("E11"), false);
        assertThat(judge(false, safe).status()).isEqualTo(Status.PASSED);
        assertThat(judge(false, safe).accepted()).containsExactly("E11");
        CheckVerdict strict = judge(true, safe);
        assertThat(strict.status()).isEqualTo(Status.FAILED);
        assertThat(strict.message()).startsWith("expected that it is safe, found lost-wakeup: ");
        Outcome found = new Outcome("", "linux-7.3", List.of(), List.of("deadlock", "lost-wakeup"), List.of(), false);
        assertThat(judge(true, found).status()).isEqualTo(Status.PASSED);
    }

    @Test
    void shouldCompareWhatIsAccepted() {
        Outcome more = new Outcome("", "linux-7.3", List.of(), List.of(), List.of("E11", "D2"), false);
        assertThat(judge(false, more).message()).isEqualTo("expected the accepted deviations [D2, E11], found [E11]");
        Outcome unsaid = new Outcome("", "linux-7.3", List.of(), List.of(), List.of(), false);
        assertThat(judge(false, unsaid).status()).isEqualTo(Status.PASSED);
    }
}
