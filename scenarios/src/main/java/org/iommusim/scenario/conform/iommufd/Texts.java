package org.iommusim.scenario.conform.iommufd;

import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import org.iommusim.hw.driver.Errno;
import org.jspecify.annotations.Nullable;

/** How outputs are shown and compared. */
final class Texts {
    private Texts() {}

    /** 64 bits. */
    static String hex(long value) {
        return "0x" + Long.toHexString(value);
    }

    /** 0, or the name of an error. */
    static String errno(int errno) {
        return errno == 0 ? "0" : "-" + Errno.name(errno);
    }

    /** Cells of a mock cache; null and -1 hold something that nobody tried. */
    static String cells(List<@Nullable Long> cells) {
        StringJoiner text = new StringJoiner(", ", "[", "]");
        for (Long cell : cells) {
            text.add(cell == null || cell < 0 ? "none of the tried" : hex(cell));
        }
        return text.toString();
    }

    /** Numbers of bits. */
    static String bits(List<Integer> bits) {
        return bits.toString();
    }

    /** A structure by field. */
    static String record(Map<String, Long> fields) {
        StringJoiner text = new StringJoiner(" ", "{", "}");
        fields.forEach((field, value) -> text.add(field + "=" + hex(value)));
        return text.toString();
    }
}
