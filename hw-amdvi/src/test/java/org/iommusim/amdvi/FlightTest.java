package org.iommusim.amdvi;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.iommusim.amdvi.format.DteConfig;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.hw.iommu.PageRequest;
import org.iommusim.hw.pipeline.Requests;
import org.iommusim.hw.walk.Access;
import org.iommusim.sim.Simulation;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A request on its way is nobody else's, and says what it wants of the tables. */
class FlightTest {
    private static final int PASID = 5;

    private final Simulation sim = Simulation.seeded(1).build();
    private final Flight flight = new Flight(0, Requests.newLane(sim, "iommu0", 0));

    private void arrive(int pasid, boolean write, boolean privileged, boolean execute) {
        DmaRequest request = new DmaRequest();
        request.begin(0, 0x28, pasid, 0x5000, 8, write, 0);
        request.attributes(privileged, execute);
        flight.arrive(request, nobody -> {}, 1);
    }

    /** As after a request that was translated, and refused. */
    private void findOut() {
        flight.usesDte = true;
        flight.fetchAddress = 1;
        flight.did = 1;
        flight.pasid = 1;
        flight.guest = true;
        flight.host = true;
        flight.guestShift = 12;
        flight.walksForGcr3 = true;
        flight.attempt = 1;
        flight.permissions = 1;
        flight.attributes = 1;
        flight.entry = 1;
        flight.eventFlags = 1;
        flight.eventAddress = 1;
        flight.tablesFrom = 1;
        flight.config.kind = DteConfig.TRANSLATE;
    }

    private List<Object> known() {
        return List.of(
                flight.usesDte,
                flight.fetchAddress,
                flight.did,
                flight.pasid,
                flight.guest,
                flight.host,
                flight.guestShift,
                flight.walksForGcr3,
                flight.attempt,
                flight.permissions,
                flight.attributes,
                flight.entry,
                flight.eventFlags,
                flight.eventAddress,
                flight.tablesFrom,
                flight.config.kind);
    }

    @Test
    void shouldKnowNothingOfTheRequestBefore() {
        List<Object> nothing =
                List.of(false, 0L, -1, -1, false, false, 0, false, 0, 0, 0L, 0L, 0L, 0L, 0, DteConfig.BLOCKED);
        arrive(PASID, true, false, false);
        findOut();
        arrive(PASID, true, false, false);
        assertThat(known()).isEqualTo(nothing);
        findOut();
        flight.arrive(new PageRequest(0x28, PASID, 0x5000, 0, true, true, false, false, false), 0);
        assertThat(known()).isEqualTo(nothing);
    }

    /** What has no PASID executes nothing, and is a user's. */
    @ParameterizedTest
    @CsvSource({
        "5, false, false, false, 1",
        "5, true, false, false, 2",
        "5, false, false, true, 4",
        "5, true, false, true, 2",
        "5, false, true, false, 9",
        "-1, false, true, true, 1"
    })
    void shouldAskTheTablesForWhatTheRequestWants(
            int pasid, boolean write, boolean privileged, boolean execute, int access) {
        arrive(pasid, write, privileged, execute);
        assertThat(flight.access(true)).isEqualTo(access);
        assertThat(flight.access(false))
                .as("users and supervisors are not told apart")
                .isEqualTo(access & ~Access.PRIVILEGED);
    }
}
