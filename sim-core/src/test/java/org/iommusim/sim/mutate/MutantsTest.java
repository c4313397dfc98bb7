package org.iommusim.sim.mutate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Lock;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.program.ProgramListing;
import org.iommusim.sim.program.Undo;
import org.iommusim.sim.program.WaitQueue;
import org.iommusim.sim.world.Variable;
import org.junit.jupiter.api.Test;

class MutantsTest {
    private static final Footprint SHARED = Footprint.of(Variable.named("shared"));

    private static final Program<Frame> PATH = Program.<Frame>named("path")
            .check("argument", f -> true, -22)
            .take("get obj", SHARED, f -> 0, Undo.always("put obj", SHARED, f -> {}))
            .lock("lock", f -> new Lock(f.world(), "lock", Lock.Kind.MUTEX))
            .check("not dying", SHARED, f -> true, -2)
            .step("dying = true", SHARED, f -> {})
            .step("private", HostCost.LOCAL, Footprint.LOCAL, f -> {})
            .step("users--", SHARED, f -> {})
            .undoNow("lock")
            .step("wake sleepers", Footprint.LOCAL, f -> {})
            .when("last", f -> true, b -> b.invoke("destroy", f -> null))
            .await("until gone", SHARED, f -> new WaitQueue(f.world(), "q"), WaitQueue.Sleep.UNINTERRUPTIBLE, f -> true)
            .keep("get obj")
            .build();

    @Test
    void shouldLeaveOutAndTurnRoundWhateverOthersCanNotice() {
        assertThat(Mutants.of(List.of(PATH)))
                .extracting(Mutant::id)
                .containsExactly(
                        "path: drop get obj",
                        "path: never undo get obj",
                        "path: drop lock lock",
                        "path: drop check not dying",
                        "path: drop dying = true",
                        "path: drop users--",
                        "path: drop unlock lock",
                        "path: drop wake sleepers",
                        "path: drop call destroy",
                        "path: drop wait until gone",
                        "path: drop keep get obj",
                        "path: swap get obj and lock",
                        "path: swap lock and not dying",
                        "path: swap not dying and dying = true",
                        "path: swap users-- and unlock lock",
                        "path: swap unlock lock and wake sleepers");
    }

    @Test
    void shouldSayWhatEachMutantChanges() {
        assertThat(Mutants.of(List.of(PATH)).subList(0, 11))
                .extracting(Mutant::kind)
                .containsExactly(
                        MutantKind.REFERENCE,
                        MutantKind.UNDO,
                        MutantKind.LOCK,
                        MutantKind.CHECK,
                        MutantKind.FLAG,
                        MutantKind.REFERENCE,
                        MutantKind.UNLOCK,
                        MutantKind.WAKE,
                        MutantKind.CALL,
                        MutantKind.WAIT,
                        MutantKind.KEEP);
    }

    @Test
    void shouldMakeADifferentProgramOfEach() {
        assertThat(Mutants.of(List.of(PATH)))
                .extracting(mutant -> ProgramListing.text(mutant.patch().apply(PATH)))
                .doesNotHaveDuplicates()
                .doesNotContain(ProgramListing.text(PATH));
    }

    @Test
    void shouldCountAProgramThatIsUsedTwiceOnce() {
        assertThat(Mutants.of(List.of(PATH, PATH))).hasSameSizeAs(Mutants.of(List.of(PATH)));
    }

    @Test
    void shouldRefuseProgramsThatNobodyCouldTellApart() {
        Program<Frame> another = Program.<Frame>named("path").build();
        assertThatThrownBy(() -> Mutants.of(List.of(PATH, another))).hasMessage("two programs are called 'path'");
    }

    @Test
    void shouldNotTurnRoundALockAndItsOwnUnlock() {
        Program<Frame> empty = Program.<Frame>named("barrier")
                .lock("lock", f -> new Lock(f.world(), "lock", Lock.Kind.MUTEX))
                .undoNow("lock")
                .build();
        assertThat(Mutants.of(List.of(empty))).noneMatch(mutant -> mutant.kind() == MutantKind.SWAP);
    }
}
