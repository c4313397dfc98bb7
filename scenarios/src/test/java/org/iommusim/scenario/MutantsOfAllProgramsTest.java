package org.iommusim.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.iommusim.sim.mutate.Mutant;
import org.iommusim.sim.mutate.Mutants;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.program.ProgramListing;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class MutantsOfAllProgramsTest {
    static Stream<Program<?>> programs() {
        return AllPrograms.of().stream();
    }

    @ParameterizedTest
    @MethodSource("programs")
    void shouldChangeTheProgram(Program<?> program) {
        String original = ProgramListing.text(program);
        for (Mutant mutant : Mutants.of(List.of(program))) {
            assertThat(ProgramListing.text(mutant.patch().apply(program)))
                    .as(mutant.id())
                    .isNotEqualTo(original);
        }
    }
}
