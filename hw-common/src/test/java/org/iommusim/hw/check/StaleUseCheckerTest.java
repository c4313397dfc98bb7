package org.iommusim.hw.check;

import static org.assertj.core.api.Assertions.assertThat;

import org.iommusim.sim.Simulation;
import org.iommusim.sim.memory.PageOwner;
import org.iommusim.sim.memory.PhysicalMemory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** From when on a use is reported: when the invalidation that ended the translation is complete. */
class StaleUseCheckerTest {
    private static final long ENTRY = 0x1000;

    private final Simulation sim = Simulation.seeded(1).checks(true).build();
    private final PhysicalMemory memory = new PhysicalMemory(sim.world(), sim.violations(), 1L << 30);
    private StaleUseChecker checker;
    private Trail trail;

    @BeforeEach
    void shouldWatchATranslationMadeFromAWord() {
        memory.addRam(0, 1L << 21, PageOwner.UNTRACKED);
        memory.write64(ENTRY, 7);
        StaleUseChecker made = StaleUseChecker.of("iommu0", sim, memory);
        assertThat(made).isNotNull();
        checker = made;
        trail = checker.newTrail();
        trail.begin(3, -1, 0x5000);
        trail.read(new Source(SourceKind.STAGE1, true, ENTRY, 7, 0, 0x5000, 0x5fff));
    }

    private void issue(Promise.Effect effect) {
        checker.issued(new Promise() {
            @Override
            public Effect on(Trail entry, int index) {
                return effect;
            }

            @Override
            public String text() {
                return "invalidation";
            }
        });
    }

    private int reports() {
        checker.used(trail);
        return sim.violations().violations().size();
    }

    @Test
    void shouldReportAUseAfterTheCompletionOnly() {
        memory.write64(ENTRY, 8);
        issue(Promise.Effect.ENDED);
        assertThat(reports()).isZero();
        checker.completed("wait");
        assertThat(reports()).isEqualTo(1);
    }

    @Test
    void shouldAllowAUseIfNothingChangedOrNothingWasPromised() {
        issue(Promise.Effect.ENDED);
        memory.write64(ENTRY, 8);
        issue(Promise.Effect.NONE);
        checker.completed("wait");
        assertThat(reports()).isZero();
    }

    @Test
    void shouldCompleteOnlyTheInvalidationsThatAWaitWaitedFor() {
        int first = checker.incomplete();
        memory.write64(ENTRY, 8);
        issue(Promise.Effect.ENDED);
        checker.completed("first wait", first);
        assertThat(reports()).isZero();
        assertThat(checker.incomplete()).isEqualTo(1);
        checker.completed("second wait", 1);
        assertThat(checker.incomplete()).isZero();
        assertThat(reports()).isEqualTo(1);
        assertThat(sim.violations().violations().get(0).message()).contains("complete by second wait");
    }
}
