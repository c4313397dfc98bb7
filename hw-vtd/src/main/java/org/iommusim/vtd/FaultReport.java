package org.iommusim.vtd;

import org.iommusim.hw.dma.AddressType;
import org.iommusim.sim.stats.Counter;
import org.iommusim.vtd.spec.FaultReason;
import org.iommusim.vtd.spec.Frcd;

/**
 * Turns what ended a request into a fault record, or suppresses it: a qualified fault is not recorded if an entry that was read
 * on the way asks for silence (FPD), be it present or not.
 */
final class FaultReport {
    private static final long PAGE = -1L << 12;

    private final VtdDevice device;
    private final Counter suppressed;

    FaultReport(VtdDevice device, Counter suppressed) {
        this.device = device;
        this.suppressed = suppressed;
    }

    /** A flight has failed with the reason that is its code. */
    void refused(Flight flight) {
        if (FaultReason.isQualified(flight.code) && flight.quiet()) {
            suppressed.increment();
            return;
        }
        boolean withPasid = flight.substream >= 0;
        device.faults()
                .record(new Fault(
                        flight.code,
                        flight.sid,
                        flight.substream,
                        flight.iova & PAGE,
                        type(flight),
                        withPasid && flight.request().execute(),
                        withPasid && flight.request().privileged(),
                        at(flight)));
    }

    private static int type(Flight flight) {
        if (flight.pageRequest != null) {
            return Frcd.TYPE_PAGE_REQUEST;
        }
        return flight.request().write() ? Frcd.TYPE_WRITE : Frcd.TYPE_READ;
    }

    private static int at(Flight flight) {
        if (flight.type == AddressType.TRANSLATED) {
            return Frcd.AT_TRANSLATED;
        }
        boolean request = flight.type == AddressType.TRANSLATION_REQUEST && flight.pageRequest == null;
        return request ? Frcd.AT_TRANSLATION_REQUEST : Frcd.AT_UNTRANSLATED;
    }
}
