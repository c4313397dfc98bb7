package org.iommusim.scenario.report;

/** Colours text for a terminal, or leaves it as it is. */
public enum Paint {
    /** No colours. */
    PLAIN,
    /** ANSI colours. */
    ANSI;

    private static final String ESCAPE = "\u001b[";

    String bold(String text) {
        return with("1", text);
    }

    String dim(String text) {
        return with("2", text);
    }

    String good(String text) {
        return with("32", text);
    }

    String bad(String text) {
        return with("1;31", text);
    }

    String accent(String text) {
        return with("36", text);
    }

    private String with(String code, String text) {
        return this == PLAIN || text.isEmpty() ? text : ESCAPE + code + "m" + text + ESCAPE + "0m";
    }
}
