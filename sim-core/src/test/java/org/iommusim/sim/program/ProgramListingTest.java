package org.iommusim.sim.program;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.iommusim.sim.world.Variable;
import org.junit.jupiter.api.Test;

class ProgramListingTest {
    private static final Footprint SHARED = Footprint.of(Variable.named("a.b"), Variable.named("c"));

    private static final Program<Frame> PROGRAM = Program.<Frame>named("path")
            .lock("mutex", f -> new Lock(f.world(), "mutex", Lock.Kind.MUTEX))
            .lockShared("rwsem", f -> new Lock(f.world(), "rwsem", Lock.Kind.RW_SEMAPHORE))
            .take("get a", SHARED, f -> 0, Undo.onFailure("put a", SHARED, f -> {}))
            .take("get b", SHARED, f -> 0, Undo.always("put b", SHARED, f -> {}))
            .branch(
                    "is it so",
                    SHARED,
                    f -> true,
                    b -> b.step("then", Footprint.LOCAL, f -> {}).undoNow("mutex"))
            .either(
                    "one of both",
                    f -> true,
                    b -> b.loop("again", f -> false, c -> c.spend("work", f -> 1)),
                    b -> b.undoNow("mutex"))
            .when("empty", f -> true, b -> {})
            .guarded(
                    "stretch",
                    b -> b.await(
                                    "sleep",
                                    SHARED,
                                    f -> new WaitQueue(f.world(), "q"),
                                    WaitQueue.Sleep.UNINTERRUPTIBLE,
                                    f -> true,
                                    f -> 1,
                                    f -> 0)
                            .invoke("dispatch", f -> null),
                    b -> b.undoNow("get a"))
            .invokeIgnoringError("whatever", f -> null)
            .keep("get b")
            .check("still there", SHARED, f -> true, -2)
            .succeed("done")
            .build();

    @Test
    void shouldShowBlockWithinBlock() {
        assertThat(ProgramListing.text(PROGRAM)).isEqualTo("""
                        path
                          lock   mutex
                          lock   rwsem  (shared)
                          step   get a  [a.b, c]  (on failure: put a)
                          step   get b  [a.b, c]  (at the end: put b)
                          if     is it so  [a.b, c]
                            step   then
                            unlock mutex
                          if     one of both
                            loop   again
                              time   work
                          else
                            unlock mutex #2
                          if     empty
                          guard  stretch
                            wait   sleep  [a.b, c]  (uninterruptible, with a timeout)
                            call   dispatch
                          ladder of stretch
                            undo   put a
                          call   whatever  (goes on if it fails)
                          keep get b
                          check  still there  [a.b, c]  (else -2)
                          end    done
                        """);
    }

    @Test
    void shouldCallErrorsByTheNamesThatItIsGiven() {
        assertThat(ProgramListing.text(PROGRAM, error -> "E" + -error))
                .contains("check  still there  [a.b, c]  (else E2)");
    }

    @Test
    void shouldNameEveryStepAsPatchesFindIt() {
        assertThat(names(PROGRAM)).doesNotHaveDuplicates();
        for (ListedStep line : ProgramListing.of(PROGRAM)) {
            if (line.kind() == ListedStep.Kind.UNLOCK || line.kind() == ListedStep.Kind.KEEP) {
                Program<Frame> shorter = ProgramPatch.to("path", "drop")
                        .drop(line.name())
                        .build()
                        .apply(PROGRAM);
                assertThat(names(shorter)).hasSize(names(PROGRAM).size() - 1);
            }
        }
    }

    private static List<String> names(Program<?> program) {
        return ProgramListing.of(program).stream()
                .filter(line -> line.kind() != ListedStep.Kind.ELSE)
                .map(ListedStep::name)
                .toList();
    }

    @Test
    void shouldShowAPatchedProgramAsItRuns() {
        ProgramPatch patch = ProgramPatch.over(PROGRAM, "patched")
                .dropLock("rwsem")
                .insertAfter("then", b -> b.when("inner", f -> true, c -> c.step("new", SHARED, f -> {})))
                .undoAt("get a", Undo.When.ON_SUCCESS)
                .build();
        assertThat(ProgramListing.text(patch.apply(PROGRAM))).startsWith("""
                        path
                          lock   mutex
                          step   get a  [a.b, c]  (on success: put a)
                          step   get b  [a.b, c]  (at the end: put b)
                          if     is it so  [a.b, c]
                            step   then
                            if     inner
                              step   new  [a.b, c]
                            unlock mutex
                          if     one of both
                        """);
    }
}
