package org.iommusim.scenario.language;

/** Bad input, as one line: {@code FILE: JSON-POINTER: what was found, what was expected}. */
public final class ScenarioException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String file;
    private final String pointer;
    private final String found;
    private final String expected;

    /**
     * Makes one.
     *
     * @param file the file's name as the user gave it
     * @param pointer JSON pointer, or line and column of a text that is no JSON; empty for the file as a whole
     * @param found what was found, e.g. {@code found the number 5}
     * @param expected what was expected, e.g. {@code expected a size such as "64KiB"}
     */
    public ScenarioException(String file, String pointer, String found, String expected) {
        super((file + ": " + (pointer.isEmpty() ? "/" : pointer) + ": " + found + ", " + expected)
                .replaceAll("\\p{Cntrl}", "?")); // names in the file may hold line ends
        this.file = file;
        this.pointer = pointer;
        this.found = found;
        this.expected = expected;
    }

    /** The file's name. */
    public String file() {
        return file;
    }

    /** Where in the file. */
    public String pointer() {
        return pointer;
    }

    /** What was found. */
    public String found() {
        return found;
    }

    /** What was expected. */
    public String expected() {
        return expected;
    }
}
