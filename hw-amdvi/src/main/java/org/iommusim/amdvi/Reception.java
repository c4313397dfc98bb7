package org.iommusim.amdvi;

import org.iommusim.amdvi.spec.Control;
import org.iommusim.amdvi.spec.Pc;
import org.iommusim.hw.dma.AddressType;
import org.iommusim.hw.dma.DmaCompletion;
import org.iommusim.hw.dma.DmaOutcome;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.hw.pipeline.Requests;

/** What becomes of requests, seen from the way in and out of the unit. */
final class Reception implements Requests.Vendor<Flight> {
    private final AmdViDevice device;

    Reception(AmdViDevice device) {
        this.device = device;
    }

    @Override
    public boolean isMessage(DmaRequest request) {
        return InterruptRemapping.isMessage(request);
    }

    @Override
    public void arrive(Flight flight, DmaRequest request, DmaCompletion completion, int portBeats) {
        flight.arrive(request, completion, portBeats);
    }

    @Override
    public void received(Flight flight) {
        flight.message = isMessage(flight.request());
        if (!flight.message) {
            device.path().keepOrder(flight);
        }
        if (Control.IOMMU_EN.isSet(device.registers().control())) {
            device.entries().start(flight);
        } else if (flight.message) {
            device.interrupts().pass(flight);
        } else {
            disabled(flight);
        }
    }

    /** IommuEn=0: requests pass, and there is no device TLB. */
    private void disabled(Flight flight) {
        if (flight.type != AddressType.UNTRANSLATED) {
            flight.fail(DmaOutcome.ABORT, 0);
        } else {
            flight.outcome = DmaOutcome.BYPASS;
            flight.output = flight.iova;
        }
        device.path().answered(flight);
    }

    @Override
    public void ownAnswered(Flight flight) {
        if (flight.prefetch) {
            device.prefetches().over(flight);
        } else {
            device.pageRequestChecked(flight);
        }
    }

    @Override
    public void left(Flight flight) {
        if (!flight.message && flight.type != AddressType.TRANSLATION_REQUEST) {
            device.count(flight, kind(flight));
        }
        device.requests().left(flight);
    }

    /** What a request counts as. */
    private static int kind(Flight flight) {
        if (flight.failed()) {
            return Pc.MEM_TARGET_ABORT;
        }
        if (flight.type == AddressType.TRANSLATED) {
            return Pc.MEM_PASS_PRETRANS;
        }
        return flight.outcome == DmaOutcome.BYPASS ? Pc.MEM_PASS_UNTRANS : Pc.MEM_TRANS_TOTAL;
    }

    @Override
    public void answer(Flight flight, DmaRequest request) {
        request.completion(AtsUnit.status(flight), flight.entry);
    }

    /** Memory is told nothing: attributes of pages are about coherence, and all memory is coherent. */
    @Override
    public void describe(Flight flight, DmaRequest request) {}

    @Override
    public void post(Flight message) {
        device.guests().post(message);
    }

    @Override
    public void messageOver(Flight message) {
        device.interrupts().end(message);
    }
}
