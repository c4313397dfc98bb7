package org.iommusim.scenario.conform;

import java.util.List;
import java.util.Set;
import org.iommusim.hw.conform.VectorBench;
import org.jspecify.annotations.Nullable;

/**
 * What the recorded machine is known to do against the architecture where the check model says nothing: which differences
 * that explains, and what the model does instead. Whatever is not explained here counts as ever.
 */
enum RecordedQuirk {
    /** A command of an absent feature. */
    ABSENT_COMMAND(
            "consumed silently although IDR0 says the feature is absent",
            Set.of("cons", "gerror", "value"),
            "IDR0 says that there is no such command, so the model stops the queue at it with CERROR_ILL and raises"
                    + " GERROR.CMDQ_ERR; the recorded machine takes it as done"),
    /** A CMD_SYNC with the reserved completion signal. */
    RESERVED_SIGNAL(
            "reserved CS value accepted",
            Set.of("cons", "gerror", "value"),
            "CMD_SYNC.CS = 3 is reserved, so the model stops the queue at it with CERROR_ILL and raises"
                    + " GERROR.CMDQ_ERR; the recorded machine takes it as a CMD_SYNC without a signal"),
    /** A record that finds the event queue full. */
    FULL_EVENT_QUEUE(
            "full queue raises GERROR.EVENTQ_ABT_ERR",
            Set.of("gerror", "gerror (unchanged)", "value"),
            "nothing was aborted, the queue is full: the model loses the record and toggles EVENTQ_PROD.OVFLG; the recorded"
                    + " machine raises GERROR.EVENTQ_ABT_ERR and never sets OVFLG"),
    /** An interrupt entry that names a range of buses. */
    BUS_RANGE(
            "bus range compared with start and end swapped",
            Set.of("ok", "event", "message", "fsts", "fsts (unchanged)"),
            "SID[15:8] is the first bus that the entry allows and SID[7:0] the last; the recorded machine takes them the other"
                    + " way around"),
    /** An interrupt in compatibility format. */
    COMPATIBILITY_FORMAT(
            "passes; architecture: blocked with reason 0x25",
            Set.of("ok", "event", "message", "fsts", "fsts (unchanged)"),
            "GSTS.CFIS is 0, so the model blocks an interrupt in compatibility format with fault 0x25; the recorded machine lets"
                    + " it pass"),
    /** 32-bit destinations that are not offered. */
    EXTENDED_DESTINATION(
            "EIME honoured although ECAP.EIM=0",
            Set.of("message"),
            "ECAP.EIM is 0, so that IRTA.EIME is reserved and destinations have 8 bits; the recorded machine takes 32"),
    /** A command that is not legal. */
    ILLEGAL_COMMAND(
            "ILLEGAL_COMMAND_ERROR: command fetch goes on",
            Set.of("head", "status", "value"),
            "an illegal command stops the command buffer: the model clears Status.CmdBufRun and leaves the head at the command;"
                    + " the recorded machine takes it as done and goes on"),
    /** A command that cannot be read. */
    UNREADABLE_COMMAND(
            "an unreadable command buffer neither stops",
            Set.of("value"),
            "a command that cannot be read stops the command buffer: the model clears Status.CmdBufRun and leaves the head at"
                    + " the command; the recorded machine goes on behind it"),
    /** An event that finds the event log full. */
    FULL_EVENT_LOG(
            "EventOverflow is only set when EventIntEn=1",
            Set.of("value"),
            "the event log is full: the model sets Status.EventOverflow, whether or not that makes an interrupt; the recorded"
                    + " machine sets it only with Control.EventIntEn"),
    /** An access to the exclusion range. */
    EXCLUSION_RANGE(
            "the exclusion range has no effect",
            Set.of("pa", "bypass"),
            "the address is in the exclusion range, which holds for the function, so the model lets it pass as it is; the"
                    + " recorded machine translates it"),
    /** A PASID entry with reserved bits; no vector says so, because the check model does not look at them either. */
    PASID_RESERVED_BITS(
            "no vector says so",
            Set.of(),
            "bits of a PASID entry that are reserved, its pointers' bits above the host address width among them, are not 0, so"
                    + " the model faults with 0x5a; neither the recorded machine nor the check model looks at them"),
    /** A function whose faults are to make no event; no vector says so, because the check model does not look either. */
    SILENT_FUNCTION(
            "no vector says so",
            Set.of("event"),
            "the device table entry says that page faults of the function make no event (SA, or SE after the first), so the model"
                    + " records none; neither the recorded machine nor the check model looks at that");

    /** Of a quirk that the vectors do not name: the model's fault shows it. */
    private static final String NAMELESS_FAULT = "0x5a reserved bits in a PASID entry";

    private final String begin;
    /** What it can change; empty: all there is to see of an access, because one side ends it and the other does not. */
    private final Set<String> fields;

    private final String explanation;

    RecordedQuirk(String begin, Set<String> fields, String explanation) {
        this.begin = begin;
        this.fields = fields;
        this.explanation = explanation;
    }

    /** The quirk of a vector, if it is one of these and the check model has no word on any of its steps. */
    static @Nullable RecordedQuirk of(HardwareVector vector) {
        String text = vector.quirk();
        if (text == null || vector.steps().stream().anyMatch(RecordedQuirk::claimed)) {
            return null;
        }
        for (RecordedQuirk quirk : values()) {
            if (text.startsWith(quirk.begin)) {
                return quirk;
            }
        }
        return null;
    }

    private static boolean claimed(VectorStep step) {
        return step instanceof VectorStep.Access access && access.claim() != null;
    }

    /** The quirk that a fault of the model shows, where the recorded machine finds none, or another one. */
    static @Nullable RecordedQuirk shownBy(String fault) {
        return fault.equals(NAMELESS_FAULT) ? PASID_RESERVED_BITS : null;
    }

    /** The same for an access that is refused without a record. */
    static @Nullable RecordedQuirk shownBy(VectorBench bench, int sid) {
        return bench.silences(sid) ? SILENT_FUNCTION : null;
    }

    /** True if this is what makes them differ. */
    boolean explains(List<Mismatch> differences) {
        return fields.isEmpty() || differences.stream().allMatch(difference -> fields.contains(difference.field()));
    }

    /** The differences with the explanation. */
    List<Mismatch> explained(List<Mismatch> differences) {
        return differences.stream()
                .map(d -> new Mismatch(d.step(), d.verb(), d.field(), d.expected(), d.actual(), explanation))
                .toList();
    }
}
