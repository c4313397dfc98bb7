package org.iommusim.smmuv3;

import org.iommusim.hw.dma.AddressType;
import org.iommusim.hw.dma.DmaOutcome;
import org.iommusim.hw.walk.Access;
import org.iommusim.hw.walk.Walk;
import org.iommusim.hw.walk.WalkFault;
import org.iommusim.smmuv3.format.StreamConfig;
import org.iommusim.smmuv3.spec.Event;
import org.iommusim.smmuv3.spec.IdRegs;

/**
 * Turns what went wrong into the code that ends a transaction and the words of its event record, and decides whether it is
 * recorded at all (Arm IHI 0070, event records; CD.R, STE.S2R, CR2.RECINVSID).
 */
final class FaultReport {
    private final Smmuv3Device device;
    private final IdRegs ids;
    private final AtsUnit ats;

    FaultReport(Smmuv3Device device, IdRegs ids, AtsUnit ats) {
        this.ats = ats;
        this.device = device;
        this.ids = ids;
    }

    /** The flight has failed for its configuration; its code and fetch address are set. */
    void refused(Flight flight) {
        if (AtsUnit.isForbidden(flight.code)) {
            ats.recordForbidden(flight);
            return;
        }
        if (flight.type != AddressType.UNTRANSLATED && !ats.records(flight)) {
            return;
        }
        boolean ofAts = flight.type != AddressType.UNTRANSLATED;
        if (ofAts || flight.code != Event.C_BAD_STREAMID || device.registers().recordsBadStreams()) {
            long fetchAddress = Event.hasFetchAddress(flight.code) ? Event.FETCH_ADDR.inPlace(flight.fetchAddress) : 0;
            device.events().record(word0(flight), 0, 0, fetchAddress);
        }
    }

    /** A bad SubstreamID is in its record without SSV. */
    private static long word0(Flight flight) {
        long word0 = Event.word0(flight.code, flight.sid, flight.substream);
        return flight.code == Event.C_BAD_SUBSTREAMID ? word0 & ~Event.SSV.mask() : word0;
    }

    /** What bypasses both stages still has to be an address that the SMMU can put out. */
    void bypassTooWide(Flight flight) {
        flight.fail(DmaOutcome.FAULT, Event.F_ADDR_SIZE);
        record(flight, flight.walk(), Event.F_ADDR_SIZE, false, Event.CLASS_IN);
    }

    /**
     * The flight's walk ended with a fault: it fails, or is to be stalled ({@link Flight#stalling}).
     *
     * @param ownClass the CLASS of what the walk was for
     */
    void walkFailed(Flight flight, int ownClass) {
        Walk walk = flight.walk();
        StreamConfig config = flight.config;
        boolean second = walk.faultStage() == 2;
        int code = code(walk.fault());
        boolean recorded = second ? config.s2Record : config.s1Record;
        boolean stall = (second ? config.s2Stall : config.s1Stall) && flight.type == AddressType.UNTRANSLATED;
        // Without stage 1, an address that no IPA can have is stage 1's fault, and there is no CD to suppress its
        // event.
        if (walk.fault() == WalkFault.INPUT_RANGE && second && !flight.stage1 && flight.iova >>> ids.iasBits() != 0) {
            second = false;
            recorded = true;
            stall = false;
            code = Event.F_ADDR_SIZE;
        }
        if (stall && Event.isTranslationFault(code)) {
            flight.stalling = true;
            flight.code = code;
        } else {
            flight.fail(termination(flight, second, code), code);
        }
        if (flight.type == AddressType.TRANSLATION_REQUEST
                && !device.registers().recordsAtsErrors()) {
            return;
        }
        if (flight.stalling || recorded || !Event.isTranslationFault(code)) {
            // Only the fetch of a stage-1 table can fail on the bus in stage 1.
            boolean table = walk.faultOnTable() || !second && code == Event.F_WALK_EABT;
            record(flight, walk, code, second, table ? Event.CLASS_TT : ownClass);
        }
    }

    /** CD.A is about stage 1 only, and never about configuration or what comes with ATS. */
    private static DmaOutcome termination(Flight flight, boolean second, int code) {
        boolean asked = flight.stage1
                && !second
                && !flight.config.s1Abort
                && Event.isTranslationFault(code)
                && flight.type == AddressType.UNTRANSLATED;
        return asked ? DmaOutcome.RAZ_WI : DmaOutcome.FAULT;
    }

    private void record(Flight flight, Walk walk, int code, boolean second, int faultClass) {
        int access = flight.access(flight.config.privCfg, flight.config.instCfg);
        long word1 = Event.word1(
                (access & Access.PRIVILEGED) != 0,
                (access & Access.EXECUTE) != 0,
                !flight.request().write(),
                second,
                faultClass);
        // RnW is that of the transaction, whoever was refused; here the SMMU itself was.
        if (code == Event.F_PERMISSION && faultClass == Event.CLASS_TT && !walk.faultOnUpdate()) {
            word1 |= Event.TTRNW.mask();
        }
        long word3 = code == Event.F_WALK_EABT
                ? Event.FETCH_ADDR.inPlace(walk.fetchAddress())
                : second ? Event.IPA.inPlace(walk.faultIpa()) : 0;
        long word0 = Event.word0(code, flight.sid, flight.substream);
        if (flight.stalling) {
            flight.record[0] = word0;
            flight.record[1] = word1;
            flight.record[2] = flight.iova;
            flight.record[3] = word3;
        } else if (flight.config.mev) {
            device.events().recordMergeable(word0, word1, flight.iova, word3);
        } else {
            device.events().record(word0, word1, flight.iova, word3);
        }
    }

    static int code(WalkFault fault) {
        return switch (fault) {
            case EXTERNAL_ABORT -> Event.F_WALK_EABT;
            case ADDRESS_SIZE -> Event.F_ADDR_SIZE;
            case ACCESS_FLAG -> Event.F_ACCESS;
            case PERMISSION -> Event.F_PERMISSION;
            default -> Event.F_TRANSLATION;
        };
    }
}
