package org.iommusim.scenario.check;

import java.util.List;

/**
 * What became of one case.
 *
 * @param of the case
 * @param status whether it did what it says
 * @param found what came out, in a few words for a table: {@code safe}, names of checks, {@code pass}
 * @param accepted accepted deviations that showed
 * @param message one line: what was expected and what was found; empty if it passed
 */
public record CheckVerdict(CheckCase of, Status status, String found, List<String> accepted, String message) {
    /** Whether a case did what it says. */
    public enum Status {
        /** It did. */
        PASSED,
        /** It did not. */
        FAILED,
        /** There was nothing to judge. */
        SKIPPED
    }

    /** Copies the list. */
    public CheckVerdict {
        accepted = List.copyOf(accepted);
    }

    static CheckVerdict passed(CheckCase of, String found, List<String> accepted) {
        return new CheckVerdict(of, Status.PASSED, found, accepted, "");
    }

    static CheckVerdict failed(CheckCase of, String found, List<String> accepted, String message) {
        return new CheckVerdict(of, Status.FAILED, found, accepted, message);
    }
}
