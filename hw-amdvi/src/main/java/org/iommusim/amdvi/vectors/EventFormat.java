package org.iommusim.amdvi.vectors;

import java.util.SortedMap;
import java.util.TreeMap;
import org.iommusim.amdvi.spec.Event;
import org.iommusim.hw.provider.FaultRecordFormat;

/** Event log records of AMD-Vi. */
public final class EventFormat implements FaultRecordFormat {
    /** Stateless. */
    public static final EventFormat INSTANCE = new EventFormat();

    /** Device and function of a DeviceID, without the bus. */
    private static final long DEVFN = 0xff;

    private EventFormat() {}

    @Override
    public int words() {
        return Event.WORDS;
    }

    @Override
    public String name(long[] record) {
        return Event.name(Event.code(record[0]));
    }

    @Override
    public SortedMap<String, Long> fields(long[] record) {
        SortedMap<String, Long> fields = new TreeMap<>();
        fields.put(Event.DEVICE_ID.name(), Event.DEVICE_ID.in(record));
        fields.put(Event.PASID_19_16.name(), Event.PASID_19_16.in(record));
        fields.put(Event.DOMAIN_ID.name(), Event.DOMAIN_ID.in(record));
        fields.put(Event.FLAGS.name(), Event.FLAGS.in(record));
        fields.put("address", record[1]);
        return fields;
    }

    /**
     * Of a recorded one: its code, and device and function of who caused it. The recorded machine never gives an address or a
     * domain, leaves the bus out of page faults, and has flags of its own.
     */
    @Override
    public long[] definedBits(long[] record) {
        return new long[] {Event.CODE.mask() | DEVFN, 0};
    }

    /**
     * Of one that the check model expects: everything; whether it was a write only where permission was missing, because of
     * other faults it does not say.
     */
    static long[] claimedBits(long[] record) {
        boolean permission = (record[0] & Event.PE) != 0;
        return new long[] {permission ? -1 : ~Event.RW, -1};
    }

    @Override
    public String text(long[] record) {
        return Event.text(record[0], record[1]);
    }
}
