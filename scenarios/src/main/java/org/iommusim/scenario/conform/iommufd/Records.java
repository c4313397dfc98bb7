package org.iommusim.scenario.conform.iommufd;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.iommusim.iommufd.abi.DataLayouts;
import org.iommusim.iommufd.abi.StructField;
import org.iommusim.iommufd.abi.StructImage;
import org.iommusim.iommufd.abi.StructLayout;

/** Takes structures apart: by field, without arrays. */
final class Records {
    private static final long LOST_EVENTS = 1;

    private Records() {}

    /** What was read from a mock vEVENTQ: headers, each with its payload unless it says that events were lost. */
    static List<Map<String, Long>> vevents(byte[] bytes) {
        StructLayout header = DataLayouts.VEVENT_HEADER;
        List<Map<String, Long>> records = new ArrayList<>();
        int at = 0;
        while (at + header.size() <= bytes.length) {
            Map<String, Long> record = fields(header, bytes, at);
            at += header.size();
            if ((record.getOrDefault("flags", 0L) & LOST_EVENTS) == 0) {
                record.putAll(fields(DataLayouts.VIOMMU_EVENT_SELFTEST, bytes, at));
                at += DataLayouts.VIOMMU_EVENT_SELFTEST.size();
            }
            records.add(record);
        }
        return records;
    }

    /** An array of structures; the rest of the bytes is too short for one. */
    static List<Map<String, Long>> array(StructLayout layout, byte[] bytes) {
        List<Map<String, Long>> records = new ArrayList<>();
        for (int at = 0; at + layout.size() <= bytes.length; at += layout.size()) {
            records.add(fields(layout, bytes, at));
        }
        return records;
    }

    /** The fields of one structure. */
    static Map<String, Long> fields(StructLayout layout, byte[] bytes, int at) {
        StructImage image = layout.image(Arrays.copyOfRange(bytes, at, at + layout.size()));
        Map<String, Long> values = new LinkedHashMap<>();
        for (StructField field : layout.fields()) {
            if (field.count() == 1) {
                values.put(field.name(), image.number(field.name()));
            }
        }
        return values;
    }
}
