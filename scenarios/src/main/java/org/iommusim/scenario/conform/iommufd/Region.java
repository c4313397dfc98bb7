package org.iommusim.scenario.conform.iommufd;

import java.util.Arrays;
import java.util.Optional;

/** A piece of the recorded process's address space; vectors name the first address of each. */
enum Region {
    /** Shared anonymous memory. */
    BUF("@buf", 0x100_0000_0000L, 32L << 20),
    /** Private memory that may only be read. */
    RO("@ro", 0x110_0000_0000L, 64L << 10),
    /** Nothing is mapped here. */
    HOLE("@hole", 0x120_0000_0000L, 0),
    /** What structures point to; zeroed before each operation. */
    BLOB("@blob", 0x130_0000_0000L, 1L << 20),
    /** Huge pages of 2 MiB. */
    HUGE("@huge", 0x140_0000_0000L, 8L << 20),
    /** Arguments of system calls; vectors have no word for it. */
    ARGUMENT("", 0x150_0000_0000L, 64L << 10);

    private final String spelling;
    private final long base;
    private final long bytes;

    Region(String spelling, long base, long bytes) {
        this.spelling = spelling;
        this.base = base;
        this.bytes = bytes;
    }

    /** First address. */
    long base() {
        return base;
    }

    /** Size. */
    long bytes() {
        return bytes;
    }

    /** How vectors name it. */
    String spelling() {
        return spelling;
    }

    /** The region of a name. */
    static Optional<Region> named(String spelling) {
        return Arrays.stream(values())
                .filter(region -> !region.spelling.isEmpty() && region.spelling.equals(spelling))
                .findFirst();
    }
}
