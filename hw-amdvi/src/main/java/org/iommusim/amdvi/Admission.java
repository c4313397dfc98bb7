package org.iommusim.amdvi;

import org.iommusim.amdvi.format.DteConfig;
import org.iommusim.amdvi.spec.Control;
import org.iommusim.amdvi.spec.Event;
import org.iommusim.amdvi.spec.Reg;
import org.iommusim.hw.dma.AddressType;
import org.iommusim.hw.dma.DmaOutcome;

/**
 * What becomes of a request once its device table entry is known: refused, passed as it is, or translated. The order is that of
 * the architecture: V, what an address means that is not one of memory, whether the function may have a TLB of its own, TV,
 * exclusion range, PASID. What IR and IW forbid is told here only where there are no tables.
 */
final class Admission {
    /** INVALID_DEVICE_REQUEST: a translated request with I=0 or V=0. */
    static final int TRANSLATED_NOT_ALLOWED = 1;
    /** INVALID_DEVICE_REQUEST of a translation request: I=0, V=0 or TV=0. */
    static final int NO_TRANSLATIONS = 0;
    /** INVALID_DEVICE_REQUEST of a translation request: an address that is not one of memory. */
    static final int NO_MEMORY = 1;
    /** INVALID_DEVICE_REQUEST: a PASID without guest tables. The sources name no type for it. */
    static final int NO_PASIDS = 0;

    private static final int ADDRESS_BITS = 52;

    private final AmdViDevice device;
    private final FaultReport faults;
    private final SpecialRanges ranges;
    private final boolean devicesHaveTlbs;

    Admission(AmdViDevice device, FaultReport faults, AmdViParameters p) {
        this.device = device;
        this.faults = faults;
        devicesHaveTlbs = p.flag("iotlb_sup");
        ranges = new SpecialRanges(device.efr().htRangeIgnore() || !p.flag("ht_range"));
    }

    /** A request has its device table entry. */
    void admit(Flight flight) {
        if (flight.message) {
            device.interrupts().remap(flight);
        } else if (flight.pageRequest != null) {
            pageRequest(flight);
        } else if (flight.config.kind == DteConfig.FORWARD) {
            forward(flight);
        } else if (!special(flight)) {
            memory(flight);
        }
    }

    /** A function may make page requests if its tables are in use and, with enhanced handling, its entry says so. */
    private void pageRequest(Flight flight) {
        boolean asksEntry = Control.EPH_EN.isSet(device.registers().control());
        if (asksEntry && !flight.config.ppr || flight.config.kind != DteConfig.TRANSLATE) {
            flight.fail(DmaOutcome.ABORT, 0);
        }
        device.path().answered(flight);
    }

    private void forward(Flight flight) {
        if (flight.type == AddressType.UNTRANSLATED) {
            pass(flight);
        } else {
            faults.invalidRequest(flight, notAllowed(flight));
        }
    }

    private static int notAllowed(Flight flight) {
        return flight.type == AddressType.TRANSLATED ? TRANSLATED_NOT_ALLOWED : NO_TRANSLATIONS;
    }

    /** True if the address is not one of memory, and it is done what has to be. */
    private boolean special(Flight flight) {
        if (flight.hasPasid() || flight.type == AddressType.TRANSLATED) {
            return false;
        }
        int meaning = ranges.meaning(flight);
        switch (meaning) {
            case SpecialRanges.MEMORY -> {
                return false;
            }
            case SpecialRanges.PASS -> pass(flight);
            default -> faults.invalidRequest(flight, meaning);
        }
        return true;
    }

    private void memory(Flight flight) {
        DteConfig config = flight.config;
        boolean ats = config.ats && devicesHaveTlbs;
        if (flight.type != AddressType.UNTRANSLATED && !ats) {
            faults.invalidRequest(flight, notAllowed(flight));
        } else if (flight.type == AddressType.TRANSLATED) {
            translated(flight);
        } else if (config.kind == DteConfig.BLOCKED) {
            blocked(flight);
        } else if (!flight.hasPasid() && excluded(flight)) {
            pass(flight);
        } else if (flight.hasPasid() && !config.guest) {
            faults.invalidRequest(flight, NO_PASIDS);
        } else {
            translate(flight);
        }
    }

    /** The address comes out of an earlier answer: it is only looked at for its width. */
    private void translated(Flight flight) {
        if (flight.iova >>> ADDRESS_BITS != 0) {
            faults.abort(flight);
        } else {
            flight.outcome = DmaOutcome.OK;
            flight.output = flight.iova;
            device.path().answered(flight);
        }
    }

    private void blocked(Flight flight) {
        if (flight.type == AddressType.TRANSLATION_REQUEST) {
            faults.invalidRequest(flight, NO_TRANSLATIONS);
        } else {
            faults.refuse(flight, Event.IO_PAGE_FAULT, 0);
        }
    }

    private boolean excluded(Flight flight) {
        long base = device.registers().exclusionBase();
        if (!Reg.EX_EN.isSet(base) || !(Reg.ALLOW.isSet(base) || flight.config.exclusion)) {
            return false;
        }
        long last = Reg.BASE.inPlace(device.registers().exclusionLimit()) | 0xfff;
        return flight.iova >= Reg.BASE.inPlace(base) && flight.iova <= last;
    }

    private void translate(Flight flight) {
        DteConfig config = flight.config;
        flight.guest = config.guest && (flight.hasPasid() || config.guestWithoutPasid);
        flight.host = config.host.enabled();
        flight.did = config.domainId;
        flight.pasid = flight.guest ? Math.max(0, flight.substream) : -1;
        if (flight.guest || flight.host) {
            device.translator().translate(flight);
        } else if (flight.forbidden()) {
            faults.refuse(flight, Event.IO_PAGE_FAULT, Event.PR | Event.PE);
        } else {
            pass(flight);
        }
    }

    /** The address stays what it is. */
    private void pass(Flight flight) {
        if (flight.type == AddressType.TRANSLATION_REQUEST) {
            device.translator().ats().answerAsIs(flight);
        } else {
            flight.outcome = DmaOutcome.BYPASS;
            flight.output = flight.iova;
        }
        device.path().answered(flight);
    }
}
