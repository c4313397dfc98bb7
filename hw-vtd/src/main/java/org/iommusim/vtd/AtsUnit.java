package org.iommusim.vtd;

import org.iommusim.hw.ats.GrantAttempts;
import org.iommusim.hw.dma.CompletionStatus;
import org.iommusim.hw.dma.DmaOutcome;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.hw.pcie.TranslationEntry;
import org.iommusim.hw.walk.Access;
import org.iommusim.vtd.spec.Cap;
import org.iommusim.vtd.spec.FaultReason;

/**
 * What is different for translation requests: how the tables are asked, what an answer grants, and what a fault becomes (VT-d,
 * device TLBs; PCIe Address Translation Services).
 */
final class AtsUnit {
    private static final int PAGE_SHIFT = 12;

    private final boolean knowsNoWrite;

    AtsUnit(Cap cap) {
        knowsNoWrite = cap.nwfs();
    }

    /** Without NWFS every request is taken for one that wants to write. */
    private boolean writes(Flight flight) {
        return flight.request().write() || !knowsNoWrite;
    }

    /** The access that the walk is to check at the present attempt. */
    int access(Flight flight) {
        int privileged = flight.privileged() ? Access.PRIVILEGED : 0;
        return privileged | GrantAttempts.access(flight.attempt, writes(flight));
    }

    /** The walk was refused: true if it is to be tried with less. */
    boolean tryAgain(Flight flight) {
        if (!GrantAttempts.another(flight.attempt, writes(flight))) {
            return false;
        }
        flight.attempt++;
        return true;
    }

    /** The walk of a translation request was successful. */
    void answer(Flight flight) {
        long bits = granted(flight);
        if ((bits & (TranslationEntry.R | TranslationEntry.W)) == 0) {
            refuse(flight);
            return;
        }
        flight.entry = TranslationEntry.of(flight.output, flight.pageShift, bits);
    }

    /** A translation request of a function that passes. */
    void answerPassThrough(Flight flight, boolean tooWide) {
        flight.permissions = Access.both(Access.READ | Access.WRITE | Access.EXECUTE);
        flight.output = flight.iova;
        flight.pageShift = PAGE_SHIFT;
        if (tooWide) {
            refuse(flight);
        } else {
            flight.outcome = DmaOutcome.OK;
            answer(flight);
        }
    }

    /** An answer that grants nothing. */
    void refuse(Flight flight) {
        flight.outcome = DmaOutcome.OK;
        flight.code = FaultReason.NONE;
        flight.output = 0;
        flight.entry = withPasid(flight) && flight.request().privileged() ? TranslationEntry.PRIV : 0;
    }

    private static boolean withPasid(Flight flight) {
        return flight.substream != DmaRequest.NO_PASID;
    }

    private static long granted(Flight flight) {
        boolean execute = flight.request().execute() && withPasid(flight) && flight.config.ere;
        return GrantAttempts.bits(flight.permissions, flight.privileged(), execute)
                | (withPasid(flight) && flight.request().privileged() ? TranslationEntry.PRIV : 0)
                | (flight.global && withPasid(flight) ? TranslationEntry.GLOBAL : 0);
    }

    /**
     * Status of the completion of a translation request that has ended: what is in error, or cannot be read, is a Completer
     * Abort; what is not there or not allowed is an Unsupported Request.
     */
    static CompletionStatus status(Flight flight) {
        if (!flight.failed()) {
            return CompletionStatus.SUCCESS;
        }
        return isError(flight.code) ? CompletionStatus.COMPLETER_ABORT : CompletionStatus.UNSUPPORTED_REQUEST;
    }

    private static boolean isError(int reason) {
        return switch (reason) {
            case FaultReason.ROOT_ACCESS,
                    FaultReason.ROOT_RESERVED,
                    FaultReason.CONTEXT_ACCESS,
                    FaultReason.CONTEXT_RESERVED,
                    FaultReason.CONTEXT_INVALID,
                    FaultReason.SS_ACCESS,
                    FaultReason.SS_RESERVED,
                    FaultReason.SM_ROOT_ACCESS,
                    FaultReason.SM_ROOT_RESERVED,
                    FaultReason.SM_CONTEXT_ACCESS,
                    FaultReason.SM_CONTEXT_RESERVED,
                    FaultReason.SM_CONTEXT_INVALID,
                    FaultReason.SM_RID_PASID,
                    FaultReason.PASID_DIR_ACCESS,
                    FaultReason.PASID_DIR_RESERVED,
                    FaultReason.PASID_ACCESS,
                    FaultReason.PASID_RESERVED,
                    FaultReason.PASID_INVALID,
                    FaultReason.FS_ACCESS,
                    FaultReason.FS_RESERVED,
                    FaultReason.FSPTPTR_ACCESS,
                    FaultReason.FS_UPDATE,
                    FaultReason.SM_SS_ACCESS,
                    FaultReason.SM_SS_RESERVED,
                    FaultReason.SS_UPDATE -> true;
            default -> false;
        };
    }
}
