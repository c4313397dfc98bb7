package org.iommusim.amdvi;

import java.util.SortedMap;
import java.util.TreeMap;
import org.iommusim.amdvi.spec.Efr;
import org.iommusim.hw.provider.IommuConfigException;

/**
 * A unit as it was recorded: its feature register, and parameters with which nothing else decides what it does. A second feature
 * register was not recorded, and nothing of what it would offer is there; the machine knows no range of HyperTransport. Page-directory caches are off. Where the architecture
 * leaves a choice that can be seen, it is the recorded machine's: functions of a domain do not share translations, a large page is
 * cached in pieces of 4 KiB, a function without a TLB need not answer an invalidation of it, and EventLogRun tells nothing of an
 * overflow.
 */
final class RecordedUnit {
    private static final String EFR = "EFR";

    private RecordedUnit() {}

    /**
     * Takes registers as they were read.
     *
     * @throws IommuConfigException if one is missing or unknown
     */
    static Efr efr(SortedMap<String, Long> registers) {
        for (String name : registers.keySet()) {
            if (!name.equals(EFR)) {
                throw new IommuConfigException(name, "found an unknown register", EFR);
            }
        }
        Long value = registers.get(EFR);
        if (value == null) {
            throw new IommuConfigException(EFR, "found no such register", "its value");
        }
        return new Efr(value, 0);
    }

    /** Values of all parameters. */
    static SortedMap<String, Long> parameters(SortedMap<String, Long> defaults) {
        SortedMap<String, Long> values = new TreeMap<>(defaults);
        values.replaceAll((name, value) -> name.matches("walk_v[12]_l[2-6]") ? Long.valueOf(0) : value);
        values.put("gcr3_cache", 0L);
        values.put("ht_range", 0L);
        values.put("iotlb_by_function", 1L);
        values.put("iotlb_pieces", 1L);
        values.put("iotlb_skips_nobody", 1L);
        values.put("log_runs_when_full", 1L);
        return values;
    }
}
