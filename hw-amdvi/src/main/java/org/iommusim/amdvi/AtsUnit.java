package org.iommusim.amdvi;

import org.iommusim.amdvi.format.V1Table;
import org.iommusim.amdvi.spec.Event;
import org.iommusim.hw.ats.GrantAttempts;
import org.iommusim.hw.dma.CompletionStatus;
import org.iommusim.hw.dma.DmaOutcome;
import org.iommusim.hw.pcie.TranslationEntry;
import org.iommusim.hw.walk.Access;

/**
 * What is different for translation requests: how the tables are asked, what an answer grants, and what a fault becomes (PCIe
 * Address Translation Services).
 */
final class AtsUnit {
    private static final int PAGE_SHIFT = 12;

    private final boolean userSupervisor;

    /** For a unit that tells user and supervisor apart, or not. */
    AtsUnit(boolean userSupervisor) {
        this.userSupervisor = userSupervisor;
    }

    private boolean privileged(Flight flight) {
        return flight.privileged(userSupervisor);
    }

    /** The access that the walk is to check at the present attempt. */
    int access(Flight flight) {
        int access = GrantAttempts.access(flight.attempt, flight.request().write());
        return access | (privileged(flight) ? Access.PRIVILEGED : 0);
    }

    /** The walk was refused: true if it is to be tried with less. */
    boolean tryAgain(Flight flight) {
        if (!GrantAttempts.another(flight.attempt, flight.request().write())) {
            return false;
        }
        flight.attempt++;
        return true;
    }

    /** The tables have given a translation: what they, and the device table entry, allow is granted. */
    void answer(Flight flight) {
        int permissions = flight.permissions & flight.config.permissions;
        boolean execute = flight.hasPasid() && flight.request().execute();
        long bits = GrantAttempts.bits(permissions, privileged(flight), execute);
        if ((bits & (TranslationEntry.R | TranslationEntry.W)) == 0) {
            refuse(flight);
            return;
        }
        boolean untranslatedOnly = (flight.attributes & V1Table.ATTRIBUTE_U) != 0;
        flight.entry = TranslationEntry.of(
                flight.output, flight.pageShift, bits | priv(flight) | (untranslatedOnly ? TranslationEntry.U : 0));
    }

    /** A translation request whose address is not translated. */
    void answerAsIs(Flight flight) {
        flight.outcome = DmaOutcome.OK;
        flight.output = flight.iova;
        flight.pageShift = PAGE_SHIFT;
        flight.permissions = Access.both(Access.READ | Access.WRITE | Access.EXECUTE);
        answer(flight);
    }

    /** An answer that grants nothing. */
    void refuse(Flight flight) {
        flight.outcome = DmaOutcome.OK;
        flight.code = 0;
        flight.output = 0;
        flight.entry = priv(flight);
    }

    private static long priv(Flight flight) {
        return flight.hasPasid() && flight.request().privileged() ? TranslationEntry.PRIV : 0;
    }

    /**
     * Status of the completion of a translation request that has ended: what is in error, or cannot be read, is a Completer
     * Abort; what is not allowed is an Unsupported Request.
     */
    static CompletionStatus status(Flight flight) {
        if (!flight.failed()) {
            return CompletionStatus.SUCCESS;
        }
        boolean unsupported = flight.code == 0 || flight.code == Event.INVALID_DEVICE_REQUEST;
        return unsupported ? CompletionStatus.UNSUPPORTED_REQUEST : CompletionStatus.COMPLETER_ABORT;
    }
}
