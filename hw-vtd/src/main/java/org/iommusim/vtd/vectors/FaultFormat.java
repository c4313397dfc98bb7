package org.iommusim.vtd.vectors;

import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.iommusim.hw.provider.FaultRecordFormat;
import org.iommusim.hw.spec.BitField;
import org.iommusim.vtd.spec.FaultReason;
import org.iommusim.vtd.spec.Frcd;

/** Fault recording registers of VT-d. */
public final class FaultFormat implements FaultRecordFormat {
    /** Stateless. */
    public static final FaultFormat INSTANCE = new FaultFormat();

    private static final List<BitField> FIELDS =
            List.of(Frcd.SID, Frcd.T1, Frcd.T2, Frcd.PRIV, Frcd.EXE, Frcd.PP, Frcd.PV, Frcd.AT, Frcd.F);

    private FaultFormat() {}

    @Override
    public int words() {
        return Frcd.WORDS;
    }

    static int reason(long[] record) {
        return Frcd.FR.intIn(record);
    }

    @Override
    public String name(long[] record) {
        int reason = reason(record);
        return "0x" + Integer.toHexString(reason) + " " + FaultReason.name(reason);
    }

    @Override
    public SortedMap<String, Long> fields(long[] record) {
        SortedMap<String, Long> fields = new TreeMap<>();
        FIELDS.forEach(field -> fields.put(field.name(), field.in(record)));
        if (FaultReason.isInterrupt(reason(record))) {
            fields.put("index", Frcd.FI_INDEX.in(record));
        } else {
            // An address as an address: not shifted down.
            fields.put(Frcd.FI.name(), Frcd.FI.inPlace(record[0]));
        }
        return fields;
    }

    @Override
    public long[] definedBits(long[] record) {
        return new long[] {-1, -1};
    }

    @Override
    public String text(long[] record) {
        return Frcd.text(record[0], record[1]);
    }
}
