package org.iommusim.smmuv3;

import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import org.iommusim.hw.provider.IommuConfigException;
import org.iommusim.smmuv3.spec.IdRegs;

/**
 * Identification as a real SMMU shows it; and the comparison of any identification, recorded or made from parameters, with
 * what this model can do.
 */
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
            new Missing("ATOS", "IDR0", 1 << 15),
            new Missing("VMW", "IDR0", 1 << 17),
            new Missing("VATOS", "IDR0", 1 << 20),
            new Missing("RME_IMPL", "IDR0", 1 << 30),
            new Missing("QUEUES_PRESET", "IDR1", 1 << 29),
            new Missing("TABLES_PRESET", "IDR1", 1 << 30),
            new Missing("ECMDQ", "IDR1", 1L << 31),
            new Missing("MPAM", "IDR3", 1 << 7),
            new Missing("E0PD", "IDR3", 1 << 13),
            new Missing("PTWNNC", "IDR3", 1 << 14),
            new Missing("DPT", "IDR3", 1 << 15),
            new Missing("S1PI, S2PI and later", "IDR3", 0xffff_0000L),
            new Missing("D128", "IDR5", 1 << 8));

    private RecordedIdentification() {}

    static Identification of(SortedMap<String, Long> registers) {
        for (String name : registers.keySet()) {
            if (!NAMES.contains(name)) {
                throw new IommuConfigException(name, "found an unknown register", "one of " + NAMES);
            }
        }
        IdRegs ids = ids(registers);
        check(ids);
        return new Identification(ids, (int) value(registers, "GBPA"));
    }

    /**
     * Holds what identification registers offer against what the model can do, and against itself.
     *
     * @throws IommuConfigException if something is offered that is not there
     */
    static void check(IdRegs ids) {
        List<String> missing = new ArrayList<>();
        for (Missing feature : MISSING) {
            if ((register(ids, feature.register) & feature.mask) != 0) {
                missing.add(feature.register + "." + feature.name);
            }
        }
        if (ids.httu() == 3) {
            missing.add("IDR0.HTTU=3");
        }
        if (ids.stallModel() == 3) {
            missing.add("IDR0.STALL_MODEL=3");
        }
        if (ids.pri() && !ids.pps()) {
            missing.add("IDR0.PRI without IDR3.PPS");
        }
        if (!missing.isEmpty()) {
            throw new IommuConfigException(
                    missing.get(0).substring(0, 4),
                    "asks for " + String.join(", ", missing),
                    "only what this model can do");
        }
        String contradiction = contradiction(ids);
        if (!contradiction.isEmpty()) {
            throw new IommuConfigException("IDR", contradiction, "features that fit together");
        }
    }

    /** What cannot be true of any SMMU; empty if nothing. */
    private static String contradiction(IdRegs ids) {
        if (!ids.s1p() && !ids.s2p()) {
            return "offers neither stage 1 nor stage 2";
        }
        if (!ids.aarch64() || !ids.gran4k() && !ids.gran16k() && !ids.gran64k()) {
            return "offers no table format";
        }
        if ((ids.idr5() & 7) == 7) {
            return "offers IDR5.OAS=7, addresses of 56 bits";
        }
        if (ids.ttendian() == 1 || ids.stallModel() == 3) {
            return "offers a reserved value of IDR0.TTENDIAN or IDR0.STALL_MODEL";
        }
        if (!ids.s1p() && (ids.hyp() || ids.ssidSize() != 0)) {
            return "offers EL2 or SubstreamIDs without stage 1";
        }
        if (ids.sidSize() > 32 || ids.ssidSize() > 20 || ids.cmdqs() > 19 || ids.eventqs() > 19) {
            return "offers StreamIDs, SubstreamIDs or queues that are too large";
        }
        return "";
    }

    private static long register(IdRegs ids, String name) {
        int value = switch (name) {
            case "IDR0" -> ids.idr0();
            case "IDR1" -> ids.idr1();
            case "IDR3" -> ids.idr3();
            default -> ids.idr5();
        };
        return value & 0xffff_ffffL;
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
