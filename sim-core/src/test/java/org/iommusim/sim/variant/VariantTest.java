package org.iommusim.sim.variant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.iommusim.sim.Simulation;
import org.iommusim.sim.program.ProgramPatch;
import org.junit.jupiter.api.Test;

class VariantTest {
    private static final Knob SLOW = new Knob("driver.slow", "waits longer", 3);
    private static final Knob HASTY = Knob.flag("driver.hasty", "does not wait");

    @Test
    void shouldLeaveEveryKnobAtItsOriginalValue() {
        Knobs knobs = Simulation.seeded(1).build().knobs();
        assertThat(knobs.value(SLOW)).isEqualTo(3);
        assertThat(knobs.on(HASTY)).isFalse();
    }

    @Test
    void shouldGiveTheSimulationAllThatItsVariantsChange() {
        Variant first = Variant.of("first", "A1", "slower", SLOW, 7);
        Variant second = Variant.of("second", "A2", "does not wait", HASTY, 1);
        Knobs knobs =
                Simulation.seeded(1).variants(List.of(first, second)).build().knobs();
        assertThat(knobs.value(SLOW)).isEqualTo(7);
        assertThat(knobs.on(HASTY)).isTrue();
        assertThat(knobs.changed().keySet()).containsExactly(HASTY, SLOW);
    }

    @Test
    void shouldLetTheLaterVariantWin() {
        assertThat(Variant.knobs(List.of(Variant.of("a", "", "", SLOW, 7), Variant.of("b", "", "", SLOW, 8)))
                        .value(SLOW))
                .isEqualTo(8);
    }

    @Test
    void shouldCollectPatchesInOrder() {
        ProgramPatch one = ProgramPatch.to("p", "one").drop("x").build();
        ProgramPatch two = ProgramPatch.to("p", "two").drop("y").build();
        assertThat(Variant.patches(List.of(Variant.of("a", "A", "s", one), Variant.of("b", "B", "s", two))))
                .containsExactly(one, two);
    }

    @Test
    void shouldRefuseAVariantThatChangesNothing() {
        assertThatThrownBy(() -> Variant.of("none", "A", "s"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("variant 'none' changes nothing");
    }
}
