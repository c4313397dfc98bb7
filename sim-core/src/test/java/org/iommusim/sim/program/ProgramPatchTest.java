package org.iommusim.sim.program;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.iommusim.sim.Simulation;
import org.iommusim.sim.trace.TraceSink;
import org.iommusim.sim.world.IntCell;
import org.junit.jupiter.api.Test;

class ProgramPatchTest {
    private static final int EIO = -5;

    private final List<String> steps = new ArrayList<>();
    private final TraceSink trace = new TraceSink() {
        @Override
        public void step(String lane, long timePs, String program, String step) {
            steps.add(step);
        }
    };

    private static final class Locals extends Frame {
        final IntCell n = count();
        final Lock lock;
        final WaitQueue queue;

        Locals(Simulation sim) {
            super(sim.world());
            lock = new Lock(sim.world(), "mutex", Lock.Kind.MUTEX);
            queue = new WaitQueue(sim.world(), "queue");
        }
    }

    private static Program<Locals> program(Consumer<Program.Builder<Locals>> body) {
        Program.Builder<Locals> builder = Program.named("path");
        body.accept(builder);
        return builder.build();
    }

    private static Consumer<Locals> nothing() {
        return f -> {};
    }

    private List<String> run(Program<Locals> program, ProgramPatch... patches) {
        steps.clear();
        Simulation sim =
                Simulation.seeded(1).trace(trace).patches(List.of(patches)).build();
        new Task(sim.tasks(), "t")
                .run(new Call<>(program, new Locals(sim)), error -> steps.add(error == 0 ? "done" : "failed"));
        sim.scheduler().run();
        return List.copyOf(steps);
    }

    private static ProgramPatch patch(Consumer<ProgramPatch.Builder<Object>> edits) {
        ProgramPatch.Builder<Object> builder = ProgramPatch.to("path", "a bug");
        edits.accept(builder);
        return builder.build();
    }

    private static Program<Locals> taking(int answer) {
        return program(p -> p.lock("lock", f -> f.lock)
                .take("get a", Footprint.LOCAL, f -> 0, Undo.always("put a", Footprint.LOCAL, nothing()))
                .take("get b", Footprint.LOCAL, f -> 0, Undo.onFailure("put b", Footprint.LOCAL, nothing()))
                .undoNow("lock")
                .attempt("last", HostCost.LOCAL, Footprint.LOCAL, f -> answer));
    }

    @Test
    void shouldRunAsWrittenWithoutPatches() {
        assertThat(run(taking(0))).containsExactly("lock", "get a", "get b", "unlock mutex", "last", "put a", "done");
    }

    @Test
    void shouldDropAStepWithItsUndo() {
        assertThat(run(taking(EIO), patch(p -> p.drop("get a"))))
                .containsExactly("lock", "get b", "unlock mutex", "last", "put b", "failed");
    }

    @Test
    void shouldDropALockWithItsUnlocks() {
        assertThat(run(taking(0), patch(p -> p.dropLock("lock"))))
                .containsExactly("get a", "get b", "last", "put a", "done");
    }

    @Test
    void shouldDropAnUnlockInMidProgram() {
        assertThat(run(taking(0), patch(p -> p.drop("unlock lock"))))
                .containsExactly("lock", "get a", "get b", "last", "put a", "unlock mutex", "done");
    }

    @Test
    void shouldLeakWhatAnUndoWouldGiveBack() {
        assertThat(run(taking(EIO), patch(p -> p.dropUndo("get a")))).doesNotContain("put a");
        assertThat(run(taking(0), patch(p -> p.dropUndo("lock")))).doesNotContain("unlock mutex");
    }

    @Test
    void shouldForgetAnUndoOnTheErrorPathOnly() {
        ProgramPatch forgotten = patch(p -> p.undoAt("get a", Undo.When.ON_SUCCESS));
        assertThat(run(taking(EIO), forgotten)).doesNotContain("put a").contains("put b");
        assertThat(run(taking(0), forgotten)).contains("put a").doesNotContain("put b");
    }

    @Test
    void shouldMoveAndSwapSteps() {
        assertThat(run(taking(0), patch(p -> p.moveBefore("last", "get a"))))
                .containsSubsequence("lock", "last", "get a", "get b", "unlock mutex");
        assertThat(run(taking(0), patch(p -> p.moveAfter("lock", "get b"))))
                .containsSubsequence("get a", "get b", "lock", "unlock mutex", "last");
        assertThat(run(taking(0), patch(p -> p.swap("get b", "unlock lock"))))
                .containsSubsequence("get a", "unlock mutex", "get b", "last");
    }

    /** A branch over b, then c; a loop around d; a guard with a ladder. */
    private static Program<Locals> blocks(boolean taken, int answer) {
        return program(p -> p.when("if", f -> taken, b -> b.step("b", Footprint.LOCAL, nothing()))
                .step("c", Footprint.LOCAL, nothing())
                .loop("while", f -> f.n.get() < 2, b -> b.step("d", Footprint.LOCAL, f -> f.n.add(1)))
                .guarded(
                        "guard",
                        b -> b.attempt("e", HostCost.LOCAL, Footprint.LOCAL, f -> answer),
                        b -> b.step("ladder", Footprint.LOCAL, nothing()))
                .step("z", Footprint.LOCAL, nothing()));
    }

    @Test
    void shouldKeepJumpsRightWhenStepsComeAndGo() {
        ProgramPatch longer = patch(p -> p.insertBefore("c", b -> b.step("before c", Footprint.LOCAL, f -> {}))
                .insertAfter("b", b -> b.step("after b", Footprint.LOCAL, f -> {}))
                .insertAfter("d", b -> b.step("after d", Footprint.LOCAL, f -> {}))
                .insertBefore("while", b -> b.step("before while", Footprint.LOCAL, f -> {}))
                .insertBefore("ladder", b -> b.step("before ladder", Footprint.LOCAL, f -> {})));
        assertThat(run(blocks(true, 0), longer))
                .containsExactly(
                        "b",
                        "after b",
                        "before c",
                        "c",
                        "before while",
                        "d",
                        "after d",
                        "d",
                        "after d",
                        "e",
                        "z",
                        "done");
        assertThat(run(blocks(false, EIO), longer))
                .containsExactly(
                        "before c",
                        "c",
                        "before while",
                        "d",
                        "after d",
                        "d",
                        "after d",
                        "e",
                        "before ladder",
                        "ladder",
                        "failed");
        ProgramPatch shorter = patch(p -> p.drop("b").drop("c").drop("ladder").drop("z"));
        assertThat(run(blocks(true, 0), shorter)).containsExactly("d", "d", "e", "done");
        assertThat(run(blocks(false, EIO), shorter)).containsExactly("d", "d", "e", "failed");
    }

    @Test
    void shouldInsertWholeBlocksThatReferToSteps() {
        Program<Locals> program = taking(0);
        ProgramPatch early = ProgramPatch.over(program, "unlocks early")
                .insertAfter("get a", b -> b.when("always", f -> f.n.get() == 0, c -> c.undoNow("lock")))
                .build();
        assertThat(run(program, early)).containsSubsequence("get a", "unlock mutex", "get b", "last");
    }

    @Test
    void shouldReplaceBodiesAndConditions() {
        Program<Locals> program = blocks(false, 0);
        ProgramPatch other = ProgramPatch.over(program, "other")
                .replaceBody("e", Footprint.LOCAL, f -> f.n.get() == 2 ? EIO : 0)
                .always("if")
                .build();
        assertThat(run(program, other)).containsExactly("b", "c", "d", "d", "e", "ladder", "failed");
        assertThat(run(program, patch(p -> p.never("while")))).containsExactly("c", "e", "z", "done");
    }

    @Test
    void shouldChangeHowAWaitSleeps() {
        Program<Locals> waits = program(p -> p.await(
                "wait",
                Footprint.LOCAL,
                f -> f.queue,
                WaitQueue.Sleep.UNINTERRUPTIBLE,
                f -> f.n.get() != 0,
                f -> 1_000_000,
                f -> EIO));
        assertThat(run(waits)).containsExactly("wait", "wait timed out", "failed");
        assertThat(run(waits, patch(p -> p.noTimeout("wait")))).containsExactly("wait");
        assertThat(run(waits, patch(p -> p.always("wait")))).containsExactly("wait", "done");
        assertThat(run(waits, patch(p -> p.noTimeout("wait").timeout("wait", 5))))
                .containsExactly("wait", "wait timed out", "failed");
        Instruction<Locals> asleep = patch(p -> p.sleep("wait", WaitQueue.Sleep.INTERRUPTIBLE))
                .apply(waits)
                .code()
                .get(0);
        assertThat(asleep)
                .isInstanceOfSatisfying(
                        Instruction.Await.class,
                        wait -> assertThat(wait.mode()).isEqualTo(WaitQueue.Sleep.INTERRUPTIBLE));
    }

    @Test
    void shouldStackPatchesAndLeaveTheProgramAlone() {
        Program<Locals> program = taking(0);
        assertThat(run(program, patch(p -> p.drop("get a")), patch(p -> p.drop("get b"))))
                .containsExactly("lock", "unlock mutex", "last", "done");
        assertThat(run(program)).contains("get a", "get b");
    }

    @Test
    void shouldChangeTheProgramsThatAreCalled() {
        Program<Locals> outer = Program.<Locals>named("outer")
                .invoke("call", f -> new Call<>(blocks(true, 0), f))
                .build();
        assertThat(run(outer, patch(p -> p.drop("c")))).containsExactly("call", "b", "d", "d", "e", "z", "done");
    }

    @Test
    void shouldTellWhetherAProgramWasStarted() {
        List<String> told = new ArrayList<>();
        ProgramPatch patch = patch(p -> p.drop("c")).telling(() -> told.add("applied"));
        run(Program.<Locals>named("another").build(), patch);
        assertThat(told).isEmpty();
        assertThat(run(blocks(true, 0), patch)).doesNotContain("c");
        assertThat(told).containsExactly("applied");
    }

    @Test
    void shouldEndALoopThatLostItsOnlyStep() {
        assertThatThrownBy(() -> run(blocks(true, 0), patch(p -> p.drop("d"))))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("path goes round for ever");
    }

    @Test
    void shouldRefuseInOneLineWhatCannotBeApplied() {
        refuses(patch(p -> p.drop("x")), "patch 'a bug': path has no step called 'x'");
        refuses(patch(p -> p.drop("if")), "patch 'a bug': path: 'if' begins or ends a block");
        refuses(patch(p -> p.dropLock("c")), "patch 'a bug': path: 'c' is not a lock");
        refuses(patch(p -> p.dropUndo("c")), "patch 'a bug': path: 'c' has no undo");
        refuses(patch(p -> p.noTimeout("c")), "patch 'a bug': path: 'c' does not wait");
        refuses(patch(p -> p.moveBefore("while", "c")), "patch 'a bug': path: 'while' cannot be moved");
        refuses(patch(p -> p.swap("b", "c")), "patch 'a bug': path: 'b' is not the only way to 'c'");
        refuses(patch(p -> p.swap("b", "z")), "patch 'a bug': path: 'b' is not the only way to 'z'");
        refuses(
                patch(p -> p.insertBefore("b", b -> b.step("c", Footprint.LOCAL, f -> {}))),
                "patch 'a bug': path has two steps called 'c'");
        refuses(
                ProgramPatch.over(taking(0), "a bug").drop("c").build(),
                "patch 'a bug' is not written for this program called 'path'");
    }

    private static void refuses(ProgramPatch patch, String message) {
        assertThatThrownBy(() -> patch.apply(blocks(true, 0)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }

    @Test
    void shouldFindPatchesForProgramsThatDoNotExist() {
        ProgramPatch misspelt = ProgramPatch.to("paht", "a bug").drop("c").build();
        PatchedPrograms.check(List.of(patch(p -> p.drop("c"))), List.of(taking(0), blocks(true, 0)));
        assertThatThrownBy(() -> PatchedPrograms.check(List.of(misspelt), List.of(blocks(true, 0))))
                .hasMessage("patch 'a bug': there is no program called 'paht'");
        assertThatThrownBy(() -> PatchedPrograms.check(List.of(patch(p -> p.drop("y"))), List.of(blocks(true, 0))))
                .hasMessage("patch 'a bug': path has no step called 'y'");
    }
}
