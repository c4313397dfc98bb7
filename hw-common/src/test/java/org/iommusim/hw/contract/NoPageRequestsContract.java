package org.iommusim.hw.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.iommusim.hw.iommu.NotingEndpoint;
import org.iommusim.hw.iommu.PageRequest;
import org.iommusim.hw.iommu.PageResponse;
import org.junit.jupiter.api.Test;

/** A way of translating that has no page requests: a function that makes one all the same is never told that it succeeded. */
public abstract class NoPageRequestsContract extends Contract {
    protected NoPageRequestsContract(Vendor vendor) {
        super(vendor);
    }

    @Test
    void shouldNotPretendToKnowPageRequests() {
        List<String> notes = new ArrayList<>();
        machine.device.connect(new NotingEndpoint(FUNCTION, 32, notes));
        attached(1);
        machine.interrupts.clear();
        machine.device.pageRequested(new PageRequest(FUNCTION, NONE, IOVA, 7, true, true, false, false, false));
        machine.run();
        assertThat(notes)
                .isSubsetOf(
                        NotingEndpoint.response(7, NONE, PageResponse.RESPONSE_FAILURE),
                        NotingEndpoint.response(7, NONE, PageResponse.INVALID_REQUEST));
        assertThat(machine.interrupts).isEmpty();
    }
}
