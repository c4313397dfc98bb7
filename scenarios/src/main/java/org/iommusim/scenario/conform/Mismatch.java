package org.iommusim.scenario.conform;

/**
 * A difference between what was expected and what the model did.
 *
 * @param step which step, from 0; -1 before the first
 * @param verb what kind of step
 * @param field what differs
 * @param expected as text
 * @param actual as text
 * @param detail decoded records of both sides, or empty
 */
public record Mismatch(int step, String verb, String field, String expected, String actual, String detail) {
    /** The difference in one line, without the case. */
    public String text() {
        String where = step < 0 ? "set-up" : "step " + step + " " + verb;
        return where + ": " + field + ": expected " + expected + ", actual " + actual
                + (detail.isEmpty() ? "" : " (" + detail + ")");
    }
}
