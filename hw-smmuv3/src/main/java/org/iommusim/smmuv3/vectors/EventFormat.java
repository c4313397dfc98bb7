package org.iommusim.smmuv3.vectors;

import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.iommusim.hw.provider.FaultRecordFormat;
import org.iommusim.hw.spec.BitField;
import org.iommusim.smmuv3.spec.Event;

/** Event records of the SMMUv3. */
public final class EventFormat implements FaultRecordFormat {
    /** Stateless. */
    public static final EventFormat INSTANCE = new EventFormat();

    private static final List<BitField> INPUT = List.of(Event.INPUT_ADDR, Event.RNW, Event.IND, Event.PNU);
    private static final List<BitField> PLACE = List.of(Event.S2, Event.CLASS);

    private EventFormat() {}

    @Override
    public int words() {
        return Event.WORDS;
    }

    @Override
    public String name(long[] record) {
        return Event.name(code(record));
    }

    static int code(long[] record) {
        return Event.ID.intIn(record);
    }

    @Override
    public SortedMap<String, Long> fields(long[] record) {
        int code = code(record);
        SortedMap<String, Long> fields = new TreeMap<>();
        put(fields, Event.SID, record);
        put(fields, Event.SSV, record);
        if (Event.SSV.isSet(record[0])) {
            put(fields, Event.SSID, record);
        }
        if (Event.hasInput(code)) {
            INPUT.forEach(field -> put(fields, field, record));
        }
        if (Event.hasClass(code)) {
            PLACE.forEach(field -> put(fields, field, record));
        }
        // Addresses as addresses: not shifted down.
        if (Event.isTranslationFault(code)) {
            fields.put(Event.IPA.name(), record[3]);
        } else if (Event.hasFetchAddress(code)) {
            fields.put(Event.FETCH_ADDR.name(), record[3]);
        }
        return fields;
    }

    private static void put(SortedMap<String, Long> fields, BitField field, long[] record) {
        fields.put(field.name(), field.in(record));
    }

    /**
     * All but the IPA's offset in its page, which the architecture does not define; and, where stage 2 refused the SMMU's own
     * access, the attributes of the access. By the architecture they are the transaction's. The recorded machine says so for
     * some tables only, and its records make no claim about them.
     */
    @Override
    public long[] definedBits(long[] record) {
        boolean own = Event.hasClass(code(record))
                && Event.S2.isSet(record[1])
                && Event.CLASS.getInt(record[1]) != Event.CLASS_IN;
        long attributes = own ? Event.RNW.mask() | Event.IND.mask() | Event.PNU.mask() : 0;
        return new long[] {-1, ~attributes, -1, addressBits(record)};
    }

    /** Which bits of the last word are defined. */
    static long addressBits(long[] record) {
        boolean ipa = Event.isTranslationFault(code(record)) && Event.S2.isSet(record[1]);
        return ipa ? -1L << Event.IPA.lo() : -1L;
    }

    @Override
    public String text(long[] record) {
        return Event.text(record[0], record[1], record[2], record[3]);
    }
}
