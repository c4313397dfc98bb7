package org.iommusim.smmuv3;

import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import org.iommusim.hw.provider.IommuConfigException;
import org.iommusim.smmuv3.spec.IdRegs;

/** Identification as a real SMMU shows it; refuses what this model cannot do. */
final class RecordedIdentification {
    private static final List<String> NAMES =
            List.of("IDR0", "IDR1", "IDR2", "IDR3", "IDR4", "IDR5", "IIDR", "AIDR", "GBPA");
    private static final String IIDR = "IIDR";

    /**
     * A feature that this model does not have.
     *
     * @param name the architecture's name of the field
     * @param register which of IDR0, IDR1, IDR3 and IDR5 it is in
     * @param mask its bits
     */
    private record Missing(String name, String register, long mask) {}

    private static final List<Missing> MISSING = List.of(
            new Missing("TTF: VMSAv8-32", "IDR0", 1 << 2),
            new Missing("BTM", "IDR0", 1 << 5),
            new Missing("HTTU", "IDR0", 3 << 6),
            new Missing("HYP", "IDR0", 1 << 9),
            new Missing("ATS", "IDR0", 1 << 10),
            new Missing("ATOS", "IDR0", 1 << 15),
            new Missing("PRI", "IDR0", 1 << 16),
            new Missing("VMW", "IDR0", 1 << 17),
            new Missing("VATOS", "IDR0", 1 << 20),
            new Missing("RME_IMPL", "IDR0", 1 << 30),
            new Missing("QUEUES_PRESET", "IDR1", 1 << 29),
            new Missing("TABLES_PRESET", "IDR1", 1 << 30),
            new Missing("ECMDQ", "IDR1", 1L << 31),
            new Missing("PPS", "IDR3", 1 << 5),
            new Missing("MPAM", "IDR3", 1 << 7),
            new Missing("E0PD", "IDR3", 1 << 13),
            new Missing("DPT", "IDR3", 1 << 15),
            new Missing("DS", "IDR5", 1 << 7),
            new Missing("D128", "IDR5", 1 << 8));

    private RecordedIdentification() {}

    static Identification of(SortedMap<String, Long> registers) {
        for (String name : registers.keySet()) {
            if (!NAMES.contains(name)) {
                throw new IommuConfigException(name, "found an unknown register", "one of " + NAMES);
            }
        }
        List<String> missing = new ArrayList<>();
        for (Missing feature : MISSING) {
            if ((value(registers, feature.register) & feature.mask) != 0) {
                missing.add(feature.register + "." + feature.name);
            }
        }
        IdRegs ids = ids(registers);
        if (ids.stallModel() != 1) {
            missing.add("IDR0.STALL_MODEL=" + ids.stallModel());
        }
        if (!missing.isEmpty()) {
            throw new IommuConfigException(
                    missing.get(0).substring(0, 4),
                    "asks for " + String.join(", ", missing),
                    "only what this model can do");
        }
        return new Identification(ids, (int) value(registers, "GBPA"));
    }

    private static IdRegs ids(SortedMap<String, Long> registers) {
        return new IdRegs(
                (int) value(registers, "IDR0"),
                (int) value(registers, "IDR1"),
                (int) value(registers, "IDR2"),
                (int) value(registers, "IDR3"),
                (int) value(registers, "IDR4"),
                (int) value(registers, "IDR5"),
                registers.containsKey(IIDR) ? (int) value(registers, IIDR) : 0,
                (int) value(registers, "AIDR"));
    }

    /** A register of 32 bits. */
    private static long value(SortedMap<String, Long> registers, String name) {
        Long value = registers.get(name);
        if (value == null) {
            throw new IommuConfigException(name, "found no such register", "its value");
        }
        if (value >>> 32 != 0) {
            throw new IommuConfigException(name, "found 0x" + Long.toHexString(value), "32 bits");
        }
        return value;
    }
}
