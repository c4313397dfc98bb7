package org.iommusim.hw.contract;

import static org.assertj.core.api.Assertions.assertThat;

import org.iommusim.hw.dma.DmaOutcome;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.sim.check.Violation;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The stale-use checker: it blames a device that uses what a completed invalidation has ended, and nobody else. Each mistake
 * that every vendor's device can be given is noticed; without it the same test is silent.
 */
public abstract class StalenessContract extends Contract {
    private static final long SLOW_PS = 50 * MICROSECOND;

    private boolean blamed;

    protected StalenessContract(Vendor vendor) {
        super(vendor);
    }

    @AfterEach
    @Override
    void nothingIsWrong() {
        if (!blamed) {
            super.nothingIsWrong();
        }
    }

    private void blames(String... parts) {
        blamed = true;
        assertThat(machine.sim.violations().violations()).hasSize(1);
        Violation violation = machine.sim.violations().violations().get(0);
        assertThat(violation.checker()).isEqualTo("stale-translation");
        assertThat(violation.message())
                .startsWith(machine.device.name() + ": a request of stream 0x" + Integer.toHexString(FUNCTION) + " ")
                .contains(parts);
    }

    @Test
    void shouldAllowOldTranslationsUntilTheInvalidationIsComplete() {
        Space space = attached(1);
        space.map(IOVA, OLD);
        reads(IOVA, OLD);
        space.map(IOVA, NEW);
        reads(IOVA, OLD);
        bed.invalidatePages(space, IOVA, 0);
        complete();
        reads(IOVA, NEW);
    }

    /** That software should have invalidated is no fault of the device's. */
    @Test
    void shouldBlameNobodyForWhatNoInvalidationNames() {
        Space space = attached(1);
        Space others = bed.space(2);
        space.map(IOVA, OLD);
        reads(IOVA, OLD);
        space.map(IOVA, NEW);
        bed.invalidatePages(space, IOVA + PAGE, 0);
        bed.invalidatePages(others, IOVA, 0);
        bed.invalidateSpace(others);
        complete();
        reads(IOVA, OLD);
    }

    @Test
    void shouldBlameNobodyForAWordThatIsAsItWas() {
        bed.make(Mistake.MISSES_LARGE_PAGES);
        Space space = attached(1);
        space.map(IOVA, OLD, Space.LARGE, true);
        reads(IOVA, OLD);
        space.map(IOVA, NEW, Space.LARGE, true);
        space.map(IOVA, OLD, Space.LARGE, true);
        bed.invalidateSpace(space);
        complete();
        reads(IOVA, OLD);
    }

    @Test
    void shouldNoticeAnInvalidationThatMissesLargePages() {
        bed.make(Mistake.MISSES_LARGE_PAGES);
        moveLargePage();
        reads(IOVA, OLD);
        blames("uses an entry of ", "which was 0x", "; complete by ");
    }

    @Test
    void shouldBeSilentAboutLargePagesThatAreForgotten() {
        moveLargePage();
        reads(IOVA, NEW);
    }

    private void moveLargePage() {
        Space space = attached(1);
        space.map(IOVA, OLD, Space.LARGE, true);
        reads(IOVA, OLD);
        space.map(IOVA, NEW, Space.LARGE, true);
        bed.invalidateSpace(space);
        complete();
    }

    @ParameterizedTest
    @EnumSource(names = {"FORGETS_FLIGHTS", "COMPLETES_TOO_EARLY"})
    void shouldNoticeACompletionThatIsTooEarly(Mistake mistake) {
        bed.make(mistake);
        slowRead();
        assertThat(bed.synced()).isTrue();
        machine.run();
        blames("what it read itself");
    }

    @Test
    void shouldCompleteOnlyWhenTheAccessIsCarriedOut() {
        slowRead();
        assertThat(bed.synced()).isFalse();
        machine.run();
        assertThat(bed.synced()).isTrue();
    }

    /** The access is carried out long after its translation, which moves in between. */
    private void slowRead() {
        Space space = attached(1);
        space.map(IOVA, OLD);
        machine.dataPs = SLOW_PS;
        DmaRequest request = machine.issue(machine.request(FUNCTION, NONE, IOVA, false));
        machine.pass(SLOW_PS / 2);
        assertThat(request.outcome()).isEqualTo(DmaOutcome.OK);
        space.map(IOVA, NEW);
        bed.invalidatePages(space, IOVA, 0);
        bed.sync();
        machine.pass(SLOW_PS / 4);
    }

    /** Whatever a request has got to when its page moves: it puts nothing back that the invalidation has taken. */
    @Test
    void shouldPutNothingBackAtAnyMoment() {
        Space space = attached(1);
        for (int moment = 0; moment < 60; moment++) {
            long iova = IOVA + moment * PAGE;
            space.map(iova, OLD);
            DmaRequest request = machine.issue(machine.request(FUNCTION, NONE, iova, false));
            for (int step = 0; step < moment; step++) {
                machine.sim.scheduler().step();
            }
            space.map(iova, NEW);
            bed.invalidatePages(space, iova, 0);
            bed.sync();
            machine.run();
            assertThat(request.outcome()).isEqualTo(DmaOutcome.OK);
            reads(iova, NEW);
        }
    }
}
