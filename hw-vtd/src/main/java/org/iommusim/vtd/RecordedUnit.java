package org.iommusim.vtd;

import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.iommusim.hw.provider.IommuConfigException;
import org.iommusim.vtd.spec.Cap;

/**
 * A unit as it was recorded: its identification, and parameters with which nothing else decides what it does. Walk caches are
 * off. Where the architecture leaves a choice that can be seen, it is the recorded machine's: as many host address bits as
 * guest address bits, large pages that go with any part of them, no information on queue errors, and after one a new try when
 * the tail is written.
 *
 * @param version what VER says
 * @param cap what it can do
 */
record RecordedUnit(int version, Cap cap) {
    private static final List<String> NAMES = List.of("VER", "CAP", "ECAP");

    /**
     * Takes registers as they were read.
     *
     * @throws IommuConfigException if one is missing, unknown or too wide
     */
    static RecordedUnit of(SortedMap<String, Long> registers) {
        for (String name : registers.keySet()) {
            if (!NAMES.contains(name)) {
                throw new IommuConfigException(name, "found an unknown register", "one of " + NAMES);
            }
        }
        long version = value(registers, "VER");
        if (version >>> 8 != 0) {
            throw new IommuConfigException("VER", "found 0x" + Long.toHexString(version), "8 bits");
        }
        return new RecordedUnit((int) version, new Cap(value(registers, "CAP"), value(registers, "ECAP")));
    }

    private static long value(SortedMap<String, Long> registers, String name) {
        Long value = registers.get(name);
        if (value == null) {
            throw new IommuConfigException(name, "found no such register", "its value");
        }
        return value;
    }

    /** Values of all parameters. */
    SortedMap<String, Long> parameters(SortedMap<String, Long> defaults) {
        SortedMap<String, Long> values = new TreeMap<>(defaults);
        values.replaceAll((name, value) -> name.matches("walk_[fs]s_l[2-5]") ? Long.valueOf(0) : value);
        values.put("haw", (long) cap.mgawBits());
        values.put("partial_invalidation", 1L);
        values.put("iq_error_info", 0L);
        values.put("iq_retry_at_tail", 1L);
        return values;
    }
}
