package org.iommusim.scenario.conform.iommufd;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What an operation answered: the result of the call, and outputs by field. */
final class Answer {
    private final long result;
    private final Map<String, Long> numbers = new LinkedHashMap<>();
    private final Map<String, String> texts = new LinkedHashMap<>();
    private final Map<String, List<Map<String, Long>>> records = new LinkedHashMap<>();

    /**
     * Begins with a result.
     *
     * @param result of the system call, a negative errno if it failed
     */
    Answer(long result) {
        this.result = result;
    }

    /** 0 or a negative errno. */
    int errno() {
        return result < 0 && result > -4096 ? (int) result : 0;
    }

    /** What the call returned if it did not fail, otherwise 0. */
    long returned() {
        return errno() == 0 ? result : 0;
    }

    /** Outputs that are numbers. */
    Map<String, Long> numbers() {
        return numbers;
    }

    /** Outputs that are compared as text: cells, bits, bytes. */
    Map<String, String> texts() {
        return texts;
    }

    /** Outputs that are structures. */
    Map<String, List<Map<String, Long>>> records() {
        return records;
    }
}
