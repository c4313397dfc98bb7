package org.iommusim.sim.program.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.iommusim.sim.program.Lock;
import org.iommusim.sim.program.Program;
import org.junit.jupiter.api.Test;

class LockOrderTest {
    private final CheckedTasks tasks = new CheckedTasks();
    private final Lock a = tasks.mutex("a");
    private final Lock b = tasks.mutex("b");
    private final Lock c = tasks.mutex("c");

    private void attach(List<List<String>> known) {
        tasks.sim
                .checkers()
                .attach(new LockOrder(
                        tasks.sim.world(), tasks.sim.checkers(), tasks.sim.violations(), LockGraph.of(known)));
    }

    private void nests(String task, long afterPs, Lock outer, Lock inner) {
        tasks.spawn(task, p -> spendAndNest(p, afterPs, outer, inner));
    }

    private static void spendAndNest(Program.Builder<CheckedTasks.Empty> p, long afterPs, Lock outer, Lock inner) {
        p.spend("later", f -> afterPs).lock("outer", f -> outer).lock("inner", f -> inner);
    }

    @Test
    void shouldReportAnOrderThatTheKnownOneForbids() {
        attach(List.of(List.of("a", "b", "c")));
        nests("vmm", 0, c, a);
        assertThat(tasks.run()).singleElement().satisfies(v -> {
            assertThat(v.checker()).isEqualTo("lock-order");
            assertThat(v.message()).isEqualTo("vmm holds c and takes a in 'inner', but the order is a -> b -> c");
        });
    }

    @Test
    void shouldLearnAnOrderAndReportTheWayBackThoughNobodyMeetsNobody() {
        attach(List.of());
        nests("t1", 0, a, b);
        nests("t2", 1_000_000, b, c);
        nests("t3", 2_000_000, c, a);
        assertThat(tasks.run())
                .singleElement()
                .satisfies(v -> assertThat(v.message())
                        .isEqualTo("t3 holds c and takes a in 'inner', but the order is a -> b -> c"));
    }

    @Test
    void shouldReportTwoLocksOfOneClassUnlessTheyMayNest() {
        attach(List.of());
        nests("t1", 0, tasks.mutex("x igroup->lock"), tasks.mutex("y igroup->lock"));
        assertThat(tasks.run())
                .singleElement()
                .satisfies(v -> assertThat(v.message()).contains("igroup->lock -> igroup->lock"));
    }

    @Test
    void shouldRememberNothingWhileTheKnownOrderIsKept() {
        attach(List.of(List.of("a", "b", "c")));
        tasks.sim.world().startJournaling();
        nests("t1", 0, a, b);
        nests("t2", 0, a, c);
        assertThat(tasks.run()).isEmpty();
        assertThat(tasks.sim.checkers().attached())
                .extracting(x -> x.info().name())
                .contains("lock-order");
    }

    @Test
    void shouldRefuseAnOrderThatGoesRound() {
        assertThatThrownBy(() -> LockGraph.of(List.of(List.of("a", "b"), List.of("b", "a"))))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void shouldTellWhatMayBeTakenBelow() {
        LockGraph graph = LockGraph.of(List.of(List.of("a", "b", "c"), List.of("x", "c")));
        assertThat(graph.closure(List.of("b", "x"))).containsExactly("b", "c", "x");
    }
}
