package org.iommusim.scenario.json;

/** A text is no JSON, or JSON of a kind that we refuse. */
public final class JsonSyntaxException extends Exception {
    private static final long serialVersionUID = 1L;

    private final String place;
    private final String expected;

    JsonSyntaxException(String place, String found, String expected) {
        super(found);
        this.place = place;
        this.expected = expected;
    }

    /** A JSON pointer, or {@code line L, column C}. */
    public String place() {
        return place;
    }

    /** What was expected instead. */
    public String expected() {
        return expected;
    }
}
