package org.iommusim.scenario.language;

/** What kind of value a member holds; each knows how messages and the manual call it and which JSON it may be. */
public enum ValueKind {
    /** Free text. */
    TEXT("text", ""),
    /** The name of a scenario. */
    NAME("a name of lower-case letters, digits and -", "^[a-z0-9][a-z0-9-]{0,62}$"),
    /** A name that a part is given; statistics and references are made of it. */
    ID("a name of lower-case letters, digits and _", "^[a-z][a-z0-9_]{0,62}$"),
    /** The id of something in the same file. */
    ID_OF("an id that this file defines", ""),
    /** One word of a list. */
    WORD("one of its words", ""),
    /** true or false. */
    FLAG("true or false", ""),
    /** A whole number. */
    COUNT("a whole number", ""),
    /** A whole number or one of some words. */
    COUNT_OR_WORD("a whole number or one of its words", ""),
    /** A whole number, also as {@code "0x1000"}. */
    NUMBER("a whole number, or a string in hexadecimal such as \"0x1000\"", "^0[xX][0-9a-fA-F]{1,16}$"),
    /** A number of bytes with its unit. */
    SIZE("a size with its unit such as \"64KiB\"", "^[0-9]+(\\.[0-9]+)? ?(B|KiB|MiB|GiB|TiB)$"),
    /** An address or a size: a NUMBER, or a SIZE. */
    ADDRESS(
            "an address or size such as \"0x1000\", 4096 or \"4KiB\"",
            "^(0[xX][0-9a-fA-F]{1,16}|[0-9]+(\\.[0-9]+)? ?(B|KiB|MiB|GiB|TiB))$"),
    /** A span of simulated time with its unit. */
    DURATION("a time with its unit such as \"250ns\" or \"1.5us\"", "^[0-9]+(\\.[0-9]+)? ?(ps|ns|us|ms|s)$"),
    /** Bytes per second with the unit. */
    RATE("a rate with its unit such as \"32GB/s\"", "^[0-9]+(\\.[0-9]+)? ?(MB/s|GB/s|TB/s)$"),
    /** Bus, device and function. */
    BDF("bus, device and function such as \"03:00.0\"", "^[0-9a-fA-F]{2}:[01][0-9a-fA-F]\\.[0-7]$"),
    /** {@code $name}: what an earlier step gave a name. */
    REFERENCE(
            "a reference such as \"$ioas\" or \"$vmm.ioas\", or a number",
            "^(\\$([a-z][a-z0-9_]*\\.)?[A-Za-z0-9_]+|0[xX][0-9a-fA-F]{1,16})$"),
    /** A name that a step gives to its result. */
    NEW_NAME("a name of letters, digits and _", "^[A-Za-z][A-Za-z0-9_]*$"),
    /** A list of words. */
    WORDS("a list of words", ""),
    /** Parameters of an IOMMU by name. */
    PARAMETERS("an object of parameters", ""),
    /** Register writes. */
    REGISTERS("a list of register writes [offset, bytes, value]", ""),
    /** One object of a shape. */
    OBJECT("an object", ""),
    /** A list of objects of a shape. */
    OBJECTS("a list of objects", "");

    private final String described;
    private final String pattern;

    ValueKind(String described, String pattern) {
        this.described = described;
        this.pattern = pattern;
    }

    /** In words, to come after "expected". */
    public String described() {
        return described;
    }

    /** What a string of this kind matches, as JSON Schema writes it; empty: any. */
    public String pattern() {
        return pattern;
    }
}
