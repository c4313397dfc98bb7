package org.iommusim.smmuv3;

import org.iommusim.hw.dma.AddressType;
import org.iommusim.hw.dma.CompletionStatus;
import org.iommusim.hw.dma.DmaOutcome;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.hw.pcie.TranslationEntry;
import org.iommusim.hw.walk.Access;
import org.iommusim.hw.walk.Walk;
import org.iommusim.smmuv3.format.StreamConfig;
import org.iommusim.smmuv3.format.Vmsav8;
import org.iommusim.smmuv3.spec.Event;
import org.iommusim.smmuv3.spec.IdRegs;
import org.iommusim.smmuv3.spec.Ste;

/**
 * What is different for translation requests and translated transactions (Arm IHI 0070, ATS interface; PCIe permission
 * attribute interpretation): who may send them, what a fault of theirs becomes, and what an answer grants.
 */
final class AtsUnit {
    private final Smmuv3Device device;
    private final IdRegs ids;

    AtsUnit(Smmuv3Device device, IdRegs ids) {
        this.device = device;
        this.ids = ids;
    }

    /** EATS as it counts: split stage needs ATSCHK. */
    private int eats(StreamConfig config) {
        return config.eats == Ste.EATS_S1CHK && !device.registers().checksTranslated() ? Ste.EATS_ABORT : config.eats;
    }

    /** What SMMUEN=0 does to them: both are forbidden, and that is recorded. */
    void disabled(Flight flight) {
        int code = flight.type == AddressType.TRANSLATED ? Event.F_TRANSL_FORBIDDEN : Event.F_BAD_ATS_TREQ;
        flight.fail(DmaOutcome.FAULT, code);
        recordForbidden(flight);
    }

    /** A translated transaction that is not looked at any further (ATSCHK=0, or EATS=1). */
    void pass(Flight flight) {
        flight.passed = true;
        if (flight.iova >>> ids.oasBits() != 0) {
            flight.fail(DmaOutcome.ABORT, Event.NONE); // and nothing is recorded
        } else {
            flight.outcome = DmaOutcome.OK;
            flight.output = flight.iova;
        }
    }

    /** True if translated transactions are passed on without a look at their configuration. */
    boolean passesUnseen() {
        return ids.ats() && !device.registers().checksTranslated();
    }

    /** After the STE: 0, or the event that forbids such a request to the stream. */
    int allowed(Flight flight) {
        StreamConfig config = flight.config;
        if (flight.type == AddressType.UNTRANSLATED || config.kind == Ste.ABORT || eats(config) != Ste.EATS_ABORT) {
            return Event.NONE;
        }
        return flight.type == AddressType.TRANSLATED ? Event.F_TRANSL_FORBIDDEN : Event.F_BAD_ATS_TREQ;
    }

    /** True if a translated transaction carries an IPA. */
    boolean carriesIpa(Flight flight) {
        return eats(flight.config) == Ste.EATS_S1CHK;
    }

    /** True if an event of the configuration of such a request is recorded. */
    boolean records(Flight flight) {
        boolean streams = flight.code != Event.C_BAD_STREAMID
                || flight.type == AddressType.TRANSLATED
                || device.registers().recordsBadStreams();
        return device.registers().recordsAtsErrors() && streams;
    }

    /** True if the flight's code is one of those that only such requests can have. */
    static boolean isForbidden(int code) {
        return code == Event.F_BAD_ATS_TREQ || code == Event.F_TRANSL_FORBIDDEN;
    }

    /** Records F_BAD_ATS_TREQ or F_TRANSL_FORBIDDEN. */
    void recordForbidden(Flight flight) {
        DmaRequest r = flight.request();
        boolean substream = flight.substream >= 0;
        boolean privileged = substream && r.privileged();
        boolean execute = substream && r.execute();
        boolean request = flight.code == Event.F_BAD_ATS_TREQ;
        long word1 = request
                ? Event.treq1(true, r.write(), execute, privileged)
                : Event.word1(privileged, execute, !r.write(), false, 0);
        long word2 = request ? flight.iova & -1L << 12 : flight.iova;
        device.events().record(Event.word0(flight.code, flight.sid, flight.substream), word1, word2, 0);
    }

    // ---- answers

    /**
     * The access that a translation request's walk checks. Nothing, since the answer says what is granted; only where the
     * hardware keeps dirty state must the walk know that the page will be written.
     */
    int access(Flight flight) {
        StreamConfig config = flight.config;
        boolean dirty = flight.stage1 && (config.stage1For(flight.iova).flags & Vmsav8.HD) != 0
                || flight.stage2 && (config.stage2.flags & Vmsav8.HD) != 0;
        boolean write = dirty && flight.request().write() && !flight.writeRefused;
        return (write ? Access.WRITE : 0) | (privileged(flight) ? Access.PRIVILEGED : 0);
    }

    /** An answer grants reads and writes: if stage 1 allows neither, stage 2 is not asked. */
    int useful(Flight flight) {
        int read = flight.config.instCfg == 3 ? Access.EXECUTE : Access.READ;
        return read | Access.WRITE | (privileged(flight) ? Access.PRIVILEGED : 0);
    }

    private static boolean privileged(Flight flight) {
        int privCfg = flight.config.privCfg;
        return privCfg >= 2
                ? privCfg == 3
                : flight.substream >= 0 && flight.request().privileged();
    }

    /** The walk of a translation request was successful. */
    void answer(Flight flight) {
        Walk walk = flight.walk();
        boolean bypass = !flight.stage1 && !flight.stage2;
        if (bypass && flight.iova >>> ids.oasBits() != 0) {
            refuse(flight);
            return;
        }
        long bits = granted(flight, walk.permissions());
        if ((bits & (TranslationEntry.R | TranslationEntry.W)) == 0) {
            refuse(flight);
            return;
        }
        boolean split = flight.stage1 && flight.stage2 && carriesIpa(flight);
        long address = split ? walk.stage1Output() : walk.output();
        if (flight.stage2 && !flight.stage1 && carriesIpa(flight)) {
            address = flight.iova;
        }
        flight.outcome = DmaOutcome.OK;
        flight.entry = TranslationEntry.of(address, bypass ? ids.oasBits() : walk.pageShift(), bits);
    }

    /** An answer that grants nothing. */
    void refuse(Flight flight) {
        flight.outcome = DmaOutcome.OK;
        flight.code = Event.NONE;
        flight.entry = flight.substream >= 0 && flight.request().privileged() ? TranslationEntry.PRIV : 0;
    }

    private static long granted(Flight flight, int permissions) {
        DmaRequest r = flight.request();
        boolean wantsExecute = flight.substream >= 0 && r.execute();
        int bits = privileged(flight) ? permissions >>> Access.PRIVILEGED_SHIFT : permissions;
        boolean read = (bits & Access.READ) != 0;
        boolean execute = (bits & Access.EXECUTE) != 0;
        boolean grantRead = flight.config.instCfg == 3 ? execute : read;
        boolean grantExecute = wantsExecute && (flight.config.instCfg < 2 ? read && execute : grantRead);
        return (grantRead ? TranslationEntry.R : 0)
                | ((bits & Access.WRITE) != 0 ? TranslationEntry.W : 0)
                | (grantExecute ? TranslationEntry.EXE : 0)
                | (flight.substream >= 0 && r.privileged() ? TranslationEntry.PRIV : 0);
    }

    /**
     * The walk of a translation request failed.
     *
     * @return true if it has to be walked again, without the write
     */
    boolean walkAgain(Flight flight, int code, boolean onTable) {
        if (code == Event.F_PERMISSION && !onTable && !flight.writeRefused) {
            flight.writeRefused = true;
            return true;
        }
        return false;
    }

    /** Status of the completion of a translation request that has ended. */
    static CompletionStatus status(Flight flight) {
        if (!flight.failed()) {
            return CompletionStatus.SUCCESS;
        }
        return flight.outcome == DmaOutcome.ABORT || flight.code == Event.F_BAD_ATS_TREQ
                ? CompletionStatus.UNSUPPORTED_REQUEST
                : CompletionStatus.COMPLETER_ABORT;
    }
}
