package org.iommusim.hw.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.iommusim.hw.dma.AddressType;
import org.iommusim.hw.dma.CompletionStatus;
import org.iommusim.hw.dma.DmaOutcome;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.hw.iommu.NotingEndpoint;
import org.iommusim.hw.pcie.TranslationEntry;
import org.junit.jupiter.api.Test;

/** Translation requests, translated requests, and the invalidation of what functions have cached. */
public abstract class AtsContract extends Contract {
    private static final long RW = TranslationEntry.R | TranslationEntry.W;
    private static final int DEPTH = 32;

    private final List<String> notes = new ArrayList<>();

    protected AtsContract(Vendor vendor) {
        super(vendor);
        machine.device.connect(new NotingEndpoint(FUNCTION, DEPTH, notes));
        machine.device.connect(new NotingEndpoint(OTHER, DEPTH, notes));
    }

    private void granted(DmaRequest request, long address, int shift, long bits) {
        assertThat(request.completionStatus()).isEqualTo(CompletionStatus.SUCCESS);
        long entry = request.translationEntry();
        assertThat(entry & RW).isEqualTo(bits);
        assertThat(TranslationEntry.shift(entry)).isEqualTo(shift);
        assertThat(TranslationEntry.address(entry)).isEqualTo(address);
        assertThat(request.totalTicks()).isEqualTo(request.latency());
    }

    private DmaRequest translated(long address) {
        DmaRequest request = machine.request(FUNCTION, NONE, IOVA, true);
        request.resend(AddressType.TRANSLATED, address);
        return machine.dma(request);
    }

    // ---- translation requests

    @Test
    void shouldGrantWhatThePageAllows() {
        Space space = attached(1);
        space.map(IOVA, OLD);
        space.map(IOVA + PAGE, OLD + PAGE, Space.SMALL, false);
        granted(ask(FUNCTION, NONE, IOVA), OLD, 12, RW);
        granted(ask(FUNCTION, NONE, IOVA + PAGE), OLD + PAGE, 12, TranslationEntry.R);
        assertThat(bed.faults().take()).isEmpty();
    }

    @Test
    void shouldTellTheSizeOfALargePage() {
        attached(1).map(IOVA, OLD, Space.LARGE, true);
        granted(ask(FUNCTION, NONE, IOVA + 0x5000), OLD, 21, RW);
    }

    @Test
    void shouldGrantNothingWhereNothingIsMapped() {
        attached(1).map(IOVA, OLD);
        DmaRequest request = ask(FUNCTION, NONE, IOVA + PAGE);
        assertThat(request.completionStatus()).isEqualTo(CompletionStatus.SUCCESS);
        assertThat(TranslationEntry.grants(request.translationEntry())).isFalse();
        assertThat(bed.faults().take())
                .as("the function asks for the page instead")
                .isEmpty();
    }

    @Test
    void shouldGrantByPasid() {
        attached(1).map(IOVA, OLD);
        if (bed.differs(Difference.NO_PASIDS)) {
            assertThat(ask(FUNCTION, 1, IOVA).completionStatus()).isNotEqualTo(CompletionStatus.SUCCESS);
            return;
        }
        Space space = bed.space(2);
        bed.attach(FUNCTION, 1, space);
        space.map(IOVA, NEW);
        granted(ask(FUNCTION, 1, IOVA), NEW, 12, RW);
        granted(ask(FUNCTION, NONE, IOVA), OLD, 12, RW);
    }

    @Test
    void shouldLetTranslatedRequestsPass() {
        attached(1).map(IOVA, OLD);
        DmaRequest request = translated(NEW + 0x128);
        assertThat(request.outcome().completed()).isTrue();
        assertThat(request.physicalAddress()).isEqualTo(NEW + 0x128);
    }

    @Test
    void shouldRefuseWhoMayNotAsk() {
        Space space = attached(1);
        space.map(IOVA, OLD);
        bed.forbidAts(FUNCTION, space);
        assertThat(ask(FUNCTION, NONE, IOVA).completionStatus()).isEqualTo(CompletionStatus.UNSUPPORTED_REQUEST);
        assertThat(bed.faults().take()).hasSize(1);
        assertThat(translated(OLD).outcome()).isIn(DmaOutcome.FAULT, DmaOutcome.ABORT);
        bed.faults().take();
        reads(IOVA, OLD);
    }

    @Test
    void shouldRefuseEverythingWhileTranslationIsOff() {
        bed.attach(FUNCTION, bed.space(1));
        assertThat(ask(FUNCTION, NONE, IOVA).completionStatus()).isEqualTo(CompletionStatus.UNSUPPORTED_REQUEST);
        assertThat(translated(OLD).outcome()).isIn(DmaOutcome.FAULT, DmaOutcome.ABORT);
    }

    // ---- invalidations

    @Test
    void shouldSayWhatIsInvalid() {
        attached(1);
        bed.deviceCaches().invalidate(FUNCTION, NONE, IOVA, 12);
        bed.deviceCaches().invalidate(FUNCTION, NONE, IOVA, 14);
        boolean pasids = !bed.differs(Difference.NO_PASIDS);
        if (pasids) {
            bed.deviceCaches().invalidate(FUNCTION, 5, IOVA, 13);
        }
        send();
        List<String> expected = new ArrayList<>(List.of("0x400000/12", "0x400000/14"));
        if (pasids) {
            expected.add("pasid 5 0x400000/13");
        }
        assertThat(notes)
                .extracting(note -> note.replaceFirst("invalidate \\d+ ", ""))
                .isEqualTo(expected);
    }

    private void send() {
        bed.sync();
        machine.pass(MICROSECOND);
    }

    private static int tag(String note) {
        return Integer.parseInt(note.split(" ")[1]);
    }

    private void answers(int function, int note, int count) {
        machine.device.invalidated(function, 1 << tag(notes.get(note)), count);
        machine.pass(MICROSECOND);
    }

    @Test
    void shouldCompleteWhenTheFunctionHasAnswered() {
        attached(1);
        bed.deviceCaches().invalidate(FUNCTION, NONE, IOVA, 12);
        bed.deviceCaches().invalidate(FUNCTION, NONE, NEW, 12);
        send();
        assertThat(notes).hasSize(2);
        assertThat(bed.synced()).isFalse();
        answers(FUNCTION, 1, 1);
        assertThat(bed.synced()).isFalse();
        answers(FUNCTION, 0, 1);
        assertThat(bed.synced()).isTrue();
        machine.run();
        assertThat(bed.deviceCaches().timedOut()).isFalse();
    }

    @Test
    void shouldCountCompletions() {
        attached(1);
        bed.deviceCaches().invalidate(FUNCTION, NONE, IOVA, 12);
        send();
        for (int answer = 0; answer < 3; answer++) {
            assertThat(bed.synced()).isFalse();
            answers(FUNCTION, 0, 3);
        }
        assertThat(bed.synced()).isTrue();
    }

    @Test
    void shouldNotTakeTheAnswerOfAnotherFunction() {
        Space space = attached(1);
        bed.attach(OTHER, space);
        bed.deviceCaches().invalidate(FUNCTION, NONE, IOVA, 12);
        bed.deviceCaches().invalidate(OTHER, NONE, IOVA, 12);
        send();
        answers(OTHER, 1, 1);
        assertThat(bed.synced()).isFalse();
        answers(FUNCTION, 0, 1);
        assertThat(bed.synced()).isTrue();
    }

    @Test
    void shouldCompleteAtOnceForFunctionsWithoutACache() {
        attached(1);
        bed.invalidateAll();
        complete();
        assertThat(notes).isEmpty();
    }

    @Test
    void shouldGiveUpAndGoOn() {
        attached(1);
        bed.deviceCaches().invalidate(FUNCTION, NONE, IOVA, 12);
        send();
        assertThat(bed.deviceCaches().timedOut()).isFalse();
        machine.run();
        assertThat(bed.deviceCaches().timedOut()).isTrue();
        assertThat(bed.synced()).isEqualTo(bed.differs(Difference.COMPLETES_AFTER_TIMEOUT));
        bed.deviceCaches().recover();
        assertThat(bed.deviceCaches().timedOut()).isFalse();
        bed.deviceCaches().invalidate(FUNCTION, NONE, IOVA, 12);
        send();
        assertThat(notes).hasSize(2);
        answers(FUNCTION, 1, 1);
        assertThat(bed.synced()).isTrue();
        machine.run();
        assertThat(bed.deviceCaches().timedOut()).isFalse();
    }
}
