package org.iommusim.sim.program;

import java.util.Locale;
import java.util.function.IntFunction;

/**
 * One line of a program's listing.
 *
 * @param depth how many blocks it is in
 * @param kind what it does
 * @param name its name, unique in its program, by which a {@link ProgramPatch} finds it; of an {@link Kind#ELSE}, empty
 * @param footprint what it says it touches
 * @param error with which a {@link Kind#CHECK} fails; 0 for all others
 * @param note what else there is to say, or empty: its undo, how it sleeps
 */
public record ListedStep(int depth, Kind kind, String name, Footprint footprint, int error, String note) {
    /** What a line of a listing does. */
    public enum Kind {
        /** Happens at once, or fails at once. */
        STEP,
        /** Looks, and may fail. */
        CHECK,
        /** Takes a lock. */
        LOCK,
        /** Releases a lock before the end of the program. */
        UNLOCK,
        /** Takes a step back before the end of the program. */
        UNDO,
        /** Holds something beyond the end of the program. */
        KEEP,
        /** Sleeps until something holds. */
        WAIT,
        /** Spends time. */
        TIME,
        /** Runs another program. */
        CALL,
        /** The block below runs if this holds. */
        IF,
        /** The block below runs if the one above does not. */
        ELSE,
        /** The block below runs as long as this holds. */
        LOOP,
        /** The block below has a ladder of its own. */
        GUARD,
        /** The block below runs if the one above fails, instead of its undos. */
        LADDER,
        /** The program ends here. */
        END;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** The line with errors as numbers. */
    public String text() {
        return text(Integer::toString);
    }

    /** The line: kind (unless the name begins with it), name, what it touches, with which error it fails, note. */
    public String text(IntFunction<String> errors) {
        return line(footprint.variables().isEmpty() ? "" : "  [" + footprint.text() + "]", errors);
    }

    /** The line without what it touches, for comparing and where there is little room. */
    public String brief(IntFunction<String> errors) {
        return line("", errors);
    }

    private String line(String touches, IntFunction<String> errors) {
        boolean named = kind == Kind.UNLOCK || kind == Kind.KEEP;
        String line = "  ".repeat(depth)
                + (named ? "" : String.format(Locale.ROOT, "%-7s", kind))
                + name
                + touches
                + (error == 0 ? "" : "  (else " + errors.apply(error) + ")")
                + (note.isEmpty() ? "" : "  (" + note + ")");
        return line.stripTrailing();
    }
}
