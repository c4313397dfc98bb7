package org.iommusim.scenario.conform.iommufd;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The words that vectors use for bits and values, by the field that they stand in. */
final class Names {
    private static final Map<String, Long> MAP = words("FIXED_IOVA", 1, "WRITEABLE", 2, "READABLE", 4);
    private static final Map<String, Long> PERM = words("READ", 1, "WRITE", 2, "EXEC", 4, "PRIV", 8);
    private static final Map<String, Long> ALL = words("ALL", 1);
    private static final Map<String, Long> MOCK_FLAGS = words("NO_DIRTY", 1, "PASID", 4);
    private static final Map<String, Map<String, Long>> BY_FIELD = byField();

    private Names() {}

    /** The words of a field, each with its bits; empty if it has none. */
    static Map<String, Long> of(String structure, String field) {
        return BY_FIELD.getOrDefault(structure + "." + field, Map.of());
    }

    /** A value in the words of its field, for people; what has no word is a number. */
    static String text(String structure, String field, long value) {
        Map<String, Long> words = of(structure, field);
        if (words.isEmpty()) {
            return "0x" + Long.toHexString(value);
        }
        List<String> found = new ArrayList<>();
        long left = value;
        for (Map.Entry<String, Long> word : words.entrySet()) {
            if (word.getValue() != 0 && (left & word.getValue()) == word.getValue()) {
                found.add(word.getKey());
                left &= ~word.getValue();
            }
        }
        if (left != 0) {
            found.add("0x" + Long.toHexString(left));
        }
        return found.toString();
    }

    private static Map<String, Long> words(Object... namesAndBits) {
        Map<String, Long> words = new LinkedHashMap<>();
        for (int i = 0; i < namesAndBits.length; i += 2) {
            words.put((String) namesAndBits[i], ((Number) namesAndBits[i + 1]).longValue());
        }
        return Collections.unmodifiableMap(words);
    }

    private static Map<String, Map<String, Long>> byField() {
        Map<String, Map<String, Long>> all = new LinkedHashMap<>();
        all.put("IOAS_MAP.flags", MAP);
        all.put("IOAS_MAP_FILE.flags", MAP);
        all.put("IOAS_COPY.flags", MAP);
        all.put("OPTION.option_id", words("RLIMIT_MODE", 0, "HUGE_PAGES", 1));
        all.put("OPTION.op", words("SET", 0, "GET", 1));
        all.put("VFIO_IOAS.op", words("GET", 0, "SET", 1, "CLEAR", 2));
        all.put("HWPT_ALLOC.flags", words("NEST_PARENT", 1, "DIRTY_TRACKING", 2, "FAULT_ID_VALID", 4, "PASID", 8));
        all.put("GET_HW_INFO.flags", words("INPUT_TYPE", 1));
        all.put(
                "GET_HW_INFO.out_capabilities",
                words("DIRTY_TRACKING", 1, "PCI_PASID_EXEC", 2, "PCI_PASID_PRIV", 4, "PCI_ATS_NOT_SUPPORTED", 8));
        all.put("HWPT_SET_DIRTY_TRACKING.flags", words("ENABLE", 1));
        all.put("HWPT_GET_DIRTY_BITMAP.flags", words("NO_CLEAR", 1));
        all.put("VFIO_IOMMU_MAP_DMA.flags", words("READ", 1, "WRITE", 2, "VADDR", 4));
        all.put("VFIO_IOMMU_UNMAP_DMA.flags", words("GET_DIRTY_BITMAP", 1, "ALL", 2, "VADDR", 4));
        all.put("VFIO_IOMMU_GET_INFO.flags", words("PGSIZES", 1, "CAPS", 2));
        all.put("TEST_MOCK_DOMAIN_FLAGS.dev_flags", MOCK_FLAGS);
        all.put("TEST_CREATE_ACCESS.flags", words("NEEDS_PIN_PAGES", 1));
        all.put("TEST_ACCESS_PAGES.flags", words("WRITE", 1));
        all.put("TEST_ACCESS_RW.flags", words("WRITE", 1, "SLOW_PATH", 4));
        all.put("TEST_TRIGGER_IOPF.perm", PERM);
        all.put("TEST_DMABUF_GET.open_flags", words("RDWR", 2, "CLOEXEC", 0x80000));
        all.put("iommu_hwpt_invalidate_selftest.flags", ALL);
        all.put("iommu_viommu_invalidate_selftest.flags", ALL);
        all.put("iommufd_vevent_header.flags", words("LOST_EVENTS", 1));
        all.put("iommu_hwpt_pgfault.flags", words("PASID_VALID", 1, "LAST_PAGE", 2));
        all.put("iommu_hwpt_pgfault.perm", PERM);
        all.put("iommu_hwpt_page_response.code", words("SUCCESS", 0, "INVALID", 1));
        all.put(
                "X_POLL.revents",
                words("IN", 1, "PRI", 2, "OUT", 4, "ERR", 8, "HUP", 16, "NVAL", 32, "RDNORM", 64, "WRNORM", 256));
        return Collections.unmodifiableMap(all);
    }
}
