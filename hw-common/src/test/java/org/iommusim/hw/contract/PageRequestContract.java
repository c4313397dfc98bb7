package org.iommusim.hw.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.iommusim.hw.iommu.NotingEndpoint;
import org.iommusim.hw.iommu.PageRequest;
import org.iommusim.hw.iommu.PageResponse;
import org.junit.jupiter.api.Test;

/** Page requests: recorded for software, answered by it, or answered without it when there is no room. */
public abstract class PageRequestContract extends Contract {
    private final List<String> notes = new ArrayList<>();

    protected PageRequestContract(Vendor vendor) {
        super(vendor);
        machine.device.connect(new NotingEndpoint(FUNCTION, 32, notes));
        attached(1);
        machine.interrupts.clear();
    }

    /** The PASID of requests that have one, if functions can have any here. */
    private int pasid() {
        if (bed.differs(Difference.NO_PASIDS)) {
            return NONE;
        }
        bed.attach(FUNCTION, 3, bed.space(2));
        return 3;
    }

    private static PageRequest request(int pasid, int group, boolean last) {
        return new PageRequest(FUNCTION, pasid, IOVA + group * PAGE, group, last, true, false, false, false);
    }

    private void arrive(PageRequest request) {
        machine.device.pageRequested(request);
        machine.run();
    }

    @Test
    void shouldRecordWhatIsAskedFor() {
        int pasid = pasid();
        List<PageRequest> all = List.of(
                new PageRequest(FUNCTION, pasid, 0xabc_d000, 0x155, false, true, true, false, false),
                new PageRequest(FUNCTION, NONE, 0x5000, 3, false, false, true, false, false),
                new PageRequest(FUNCTION, pasid, 0xabc_e000, 0x155, true, true, false, false, false),
                new PageRequest(FUNCTION, NONE, 0x6000, 3, true, true, true, false, false));
        all.forEach(this::arrive);
        assertThat(bed.pageRequests().take()).isEqualTo(all);
        assertThat(bed.pageRequests().take()).isEmpty();
        assertThat(notes).isEmpty();
    }

    @Test
    void shouldTakeRequestsThatComeTogetherInOrder() {
        for (int group = 1; group <= 3; group++) {
            machine.device.pageRequested(request(NONE, group, true));
        }
        machine.run();
        assertThat(bed.pageRequests().take()).extracting(PageRequest::group).containsExactly(1, 2, 3);
    }

    @Test
    void shouldTellSoftware() {
        arrive(request(NONE, 1, true));
        assertThat(machine.interrupts).hasSize(1);
    }

    @Test
    void shouldSendAnswers() {
        int pasid = pasid();
        bed.pageRequests().respond(FUNCTION, NONE, 511, PageResponse.SUCCESS);
        bed.pageRequests().respond(FUNCTION, pasid, 2, PageResponse.INVALID_REQUEST);
        bed.pageRequests().respond(FUNCTION, NONE, 3, PageResponse.RESPONSE_FAILURE);
        complete();
        assertThat(notes)
                .containsExactly(
                        NotingEndpoint.response(511, NONE, PageResponse.SUCCESS),
                        NotingEndpoint.response(2, pasid, PageResponse.INVALID_REQUEST),
                        NotingEndpoint.response(3, NONE, PageResponse.RESPONSE_FAILURE));
    }

    @Test
    void shouldSendAnswersToFunctionsOnly() {
        bed.pageRequests().respond(OTHER, NONE, 1, PageResponse.SUCCESS);
        complete();
        assertThat(notes).isEmpty();
    }

    /** Functions with many requests must not stand still: the last one of a group gets an answer, whatever happens. */
    @Test
    void shouldOverflowUntilSoftwareHasSeenIt() {
        int room = bed.pageRequests().room();
        for (int i = 0; i < room; i++) {
            assertThat(bed.pageRequests().overflowed()).isFalse();
            arrive(request(NONE, i % 500, false));
        }
        arrive(request(NONE, 501, false));
        assertThat(bed.pageRequests().overflowed()).isTrue();
        assertThat(notes).as("an answer is due to the last of a group").isEmpty();
        arrive(request(NONE, 501, true));
        assertThat(notes).containsExactly(NotingEndpoint.response(501, NONE, PageResponse.SUCCESS));
        assertThat(bed.pageRequests().take()).hasSize(room);
        arrive(request(NONE, 502, true));
        assertThat(bed.pageRequests().take())
                .as("there is room, but software has not seen the overflow")
                .isEmpty();
        assertThat(notes).hasSize(2);
        bed.pageRequests().recover();
        assertThat(bed.pageRequests().overflowed()).isFalse();
        arrive(request(NONE, 503, true));
        assertThat(bed.pageRequests().take()).containsExactly(request(NONE, 503, true));
        assertThat(notes).hasSize(2);
    }

    @Test
    void shouldNeverAnswerStopMarkers() {
        if (bed.differs(Difference.NO_PASIDS)) {
            assertThat(request(NONE, 0, true).stopMarker()).isFalse();
            return;
        }
        PageRequest stop = new PageRequest(FUNCTION, pasid(), 0, 0, true, false, false, false, false);
        arrive(stop);
        assertThat(bed.pageRequests().take()).containsExactly(stop);
        for (int i = 0; i <= bed.pageRequests().room(); i++) {
            arrive(request(NONE, i % 500, false));
        }
        assertThat(bed.pageRequests().overflowed()).isTrue();
        arrive(stop);
        assertThat(notes).isEmpty();
    }
}
