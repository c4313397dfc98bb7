package org.iommusim.hw.provider;

/** A device cannot be made as asked; the scenario loader turns it into its one line. */
public final class IommuConfigException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String field;
    private final String expected;

    /**
     * Makes one.
     *
     * @param field the parameter at fault, or {@code kind} or {@code preset}
     * @param found what was found
     * @param expected what was expected
     */
    public IommuConfigException(String field, String found, String expected) {
        super(found);
        this.field = field;
        this.expected = expected;
    }

    /** The parameter at fault. */
    public String field() {
        return field;
    }

    /** What was expected instead. */
    public String expected() {
        return expected;
    }
}
