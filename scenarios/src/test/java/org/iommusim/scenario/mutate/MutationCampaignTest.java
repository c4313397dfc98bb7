package org.iommusim.scenario.mutate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.iommusim.scenario.Golden;
import org.iommusim.scenario.report.MutationReport;
import org.iommusim.scenario.report.Paint;
import org.iommusim.sim.mutate.Mutant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MutationCampaignTest {
    @TempDir
    private Path dir = Path.of("");

    private MutationResult campaign(MutantJudge judge, MutationJournal journal, int jobs) {
        return new MutationCampaign("toy", ToyProtocol.MUTANTS, judge, journal, () -> false, each -> {}).run(jobs);
    }

    private MutationJournal journal() {
        return MutationJournal.open(dir.resolve("journal"), "toy", ToyProtocol.MUTANTS, "two tasks");
    }

    @Test
    void shouldKillTheLockAndFindTheStepThatNobodyNeeds() {
        MutationResult result = campaign(ToyProtocol::judge, MutationJournal.none(), 1);
        assertThat(result.of(MutantVerdict.Outcome.KILLED))
                .extracting(each -> each.mutant().id())
                .contains("increment: drop lock lock", "increment: drop store");
        assertThat(result.of(MutantVerdict.Outcome.SURVIVED))
                .extracting(each -> each.mutant().id())
                .contains("increment: drop seen = true");
        Golden.check("mutation.txt", MutationReport.text(result, Paint.PLAIN));
        Golden.check("mutation.json", MutationReport.json(List.of(result)));
    }

    @Test
    void shouldNotDependOnTheNumberOfThreads() {
        assertThat(campaign(ToyProtocol::judge, MutationJournal.none(), 4))
                .isEqualTo(campaign(ToyProtocol::judge, MutationJournal.none(), 1));
    }

    @Test
    void shouldGoOnWhereItWasInterrupted() {
        AtomicInteger asked = new AtomicInteger();
        MutationResult half = new MutationCampaign(
                        "toy",
                        ToyProtocol.MUTANTS,
                        ToyProtocol::judge,
                        journal(),
                        () -> asked.incrementAndGet() > 3,
                        each -> {})
                .run(1);
        assertThat(half.judged()).hasSize(3);
        assertThat(MutationReport.text(half, Paint.PLAIN))
                .contains("interrupted: " + (ToyProtocol.MUTANTS.size() - 3) + " were not judged");
        List<String> judgedNow = new ArrayList<>();
        MutationResult whole = new MutationCampaign(
                        "toy",
                        ToyProtocol.MUTANTS,
                        ToyProtocol::judge,
                        journal(),
                        () -> false,
                        each -> judgedNow.add(each.mutant().id()))
                .run(1);
        assertThat(judgedNow)
                .containsExactlyElementsOf(
                        ToyProtocol.MUTANTS.stream().skip(3).map(Mutant::id).toList());
        assertThat(whole).isEqualTo(campaign(ToyProtocol::judge, MutationJournal.none(), 1));
    }

    @Test
    void shouldJudgeAgainWhatWasCutOffInTheJournal() throws IOException {
        Path file = dir.resolve("journal");
        campaign(ToyProtocol::judge, journal(), 1);
        String text = Files.readString(file);
        Files.writeString(file, text.substring(0, text.length() - 5));
        MutationJournal cut = journal();
        assertThat(cut.verdicts()).hasSize(ToyProtocol.MUTANTS.size() - 1);
        campaign(ToyProtocol::judge, cut, 1);
        assertThat(file).hasContent(text);
    }

    @Test
    void shouldRefuseTheJournalOfAnotherCampaign() {
        journal();
        assertThatThrownBy(
                        () -> MutationJournal.open(dir.resolve("journal"), "toy", ToyProtocol.MUTANTS, "three tasks"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("found the journal of another campaign, expected 'mutation of toy ");
    }

    @Test
    void shouldSayWhyAJudgeFailed() {
        assertThatThrownBy(() -> campaign(
                        change -> {
                            throw new IllegalStateException("no memory");
                        },
                        MutationJournal.none(),
                        2))
                .hasMessage("no memory");
    }
}
