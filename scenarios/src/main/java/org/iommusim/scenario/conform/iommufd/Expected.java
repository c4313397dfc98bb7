package org.iommusim.scenario.conform.iommufd;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What was recorded of one output. */
sealed interface Expected {
    /**
     * A number, or a symbol: one without a value gets it from this output.
     *
     * @param operand as it is written
     */
    record Scalar(Operand operand) implements Expected {}

    /**
     * The four cells of a mock IOTLB or device cache.
     *
     * @param cells their values; null for one that holds none of the values that a recorder tries
     */
    record Cells(List<@Nullable Long> cells) implements Expected {}

    /**
     * A bitmap.
     *
     * @param bits which are set, in rising order
     */
    record Bits(List<Integer> bits) implements Expected {}

    /**
     * Bytes.
     *
     * @param hex two digits each
     */
    record Bytes(String hex) implements Expected {}

    /**
     * Structures, in user memory or read from a file.
     *
     * @param kind which
     * @param records the fields of each that were recorded
     */
    record Records(Kind kind, List<Map<String, Operand>> records) implements Expected {}

    /**
     * A field that nothing here knows: nobody can say that it is right.
     *
     * @param text what was recorded
     */
    record Unknown(String text) implements Expected {}

    /** Where structures are. */
    enum Kind {
        /** Behind {@code data_uptr}. */
        DATA,
        /** Behind {@code allowed_iovas}. */
        RANGES,
        /** Read from a vEVENTQ's file. */
        VEVENTS,
        /** Read from a FAULT's file. */
        FAULTS
    }
}
