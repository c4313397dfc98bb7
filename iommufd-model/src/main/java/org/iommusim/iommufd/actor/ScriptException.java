package org.iommusim.iommufd.actor;

/** A step that makes no sense in this machine: a mistake in the script that only running it can find. */
public final class ScriptException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String where;

    /**
     * Makes an exception.
     *
     * @param where file and JSON pointer of the step
     * @param problem what was found and what was expected, in one line
     */
    public ScriptException(String where, String problem) {
        super(where + ": " + problem);
        this.where = where;
    }

    /** File and JSON pointer of the step. */
    public String where() {
        return where;
    }
}
