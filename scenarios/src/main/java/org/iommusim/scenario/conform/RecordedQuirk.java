package org.iommusim.scenario.conform;

import java.util.List;
import java.util.Set;
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
                    + " machine raises GERROR.EVENTQ_ABT_ERR and never sets OVFLG");

    private final String begin;
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

    /** True if this is what makes them differ. */
    boolean explains(List<Mismatch> differences) {
        return differences.stream().allMatch(difference -> fields.contains(difference.field()));
    }

    /** The differences with the explanation. */
    List<Mismatch> explained(List<Mismatch> differences) {
        return differences.stream()
                .map(d -> new Mismatch(d.step(), d.verb(), d.field(), d.expected(), d.actual(), explanation))
                .toList();
    }
}
