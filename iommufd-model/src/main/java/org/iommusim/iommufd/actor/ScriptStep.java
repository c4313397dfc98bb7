package org.iommusim.iommufd.actor;

import java.util.List;
import java.util.SortedMap;

/**
 * One step of a script as the loader hands it over.
 *
 * @param where file and JSON pointer, for messages
 * @param verb what is done
 * @param values field name to value: {@code Long} for NUMBER, SIZE and DURATION (ps), {@code String} for words and
 *     references ({@code $name}), {@code Boolean}, {@code List<String>}; checked against the verb
 * @param answers the answers that the step may have, each 0 or negative; empty: any answer will do
 * @param atPs not before this simulated time, ps; -1: as soon as possible
 * @param after labels that must have been set
 * @param label set when the step has ended; empty: none
 */
public record ScriptStep(
        String where,
        Verb verb,
        SortedMap<String, Object> values,
        List<Integer> answers,
        long atPs,
        List<String> after,
        String label) {
    /** Copies the lists. */
    public ScriptStep {
        answers = List.copyOf(answers);
        after = List.copyOf(after);
    }

    /** True if the step may answer this. */
    public boolean allows(int errno) {
        return answers.isEmpty() || answers.contains(errno);
    }
}
